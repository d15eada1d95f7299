/** Spans of time, and how late it is at the hub. */

const SECOND_MS = 1000;

/** `4:05`, `1:02:03`: of an instant that is not over yet, too. @param {number} seconds */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
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
