/** Spans of time, how times are written where somebody is, and how late it is at the hub. */

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

const two = (/** @type {number} */ number) => String(number).padStart(2, "0");

/** `4:05`, `1:02:03`: of an instant that is not over yet, too. @param {number} seconds */
export function span(seconds) {
  const [hours, minutes, rest] = split(seconds);
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** `0:04:05`: a spreadsheet takes `4:05` for hours and minutes. @param {number} seconds */
export function fullSpan(seconds) {
  const [hours, minutes, rest] = split(seconds);
  return `${hours}:${two(minutes)}:${two(rest)}`;
}

/** @param {number} seconds */
function split(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
}

/** By how many minutes clocks are ahead of UTC where this page is. @param {string} at an instant */
export function zoneAt(at) {
  return -new Date(at).getTimezoneOffset();
}

/** `UTC+08:00`. @param {number} zone in minutes */
export function zoneName(zone) {
  const minutes = Math.abs(zone);
  return `UTC${zone < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `2026-11-25 09:00:00`, which a spreadsheet takes for a time. @param {string} at @param {number} zone in minutes */
export function written(at, zone) {
  return new Date(Date.parse(at) + zone * MINUTE_MS).toISOString().slice(0, 19).replace("T", " ");
}

/** Whether it is one day on the calendar here. @param {string|Date} at @param {string|Date} other */
export function isSameDay(at, other) {
  return new Date(at).toDateString() === new Date(other).toDateString();
}

/** Seconds from an instant of the hub's. @param {string} at @param {number} now in milliseconds */
export function since(at, now) {
  return (now - Date.parse(at)) / SECOND_MS;
}

/** The hub's clock, which this machine's need not agree with. */
export class HubClock {
  #ahead = 0;
  /** @type {number|null} */
  #stoppedAt = null;

  /** Milliseconds; while it stands, of when it was stopped. */
  now() {
    return this.#stoppedAt ?? Date.now() + this.#ahead;
  }

  /** What is not live does not go on. @param {boolean} goes */
  run(goes) {
    this.#stoppedAt = goes ? null : this.now();
  }

  /** @param {import("./connection.js").Connection} connection */
  async set(connection) {
    const asked = Date.now();
    const answer = await connection.call("ping").catch(() => null);
    if (answer) this.#ahead = Date.parse(answer.at) - (asked + Date.now()) / 2;
  }
}
