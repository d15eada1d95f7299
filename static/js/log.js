/**
 * The events of a conference as a moderator reads them: when, who, what, to whom, with which result. Pure.
 *
 * @typedef {import("./conference.js").Event} Event
 * @typedef {import("./conference.js").Row} Row
 * @typedef {import("./conference.js").Conference} Conference
 * @typedef {"good"|"bad"|"plain"} Tone
 * @typedef {[string, Tone]|[null, "plain"]} Said the word of i18n.js, or null
 * @typedef {{seq: number, at: string, who: string|null, agent: "user"|"hub"|"provider", isDeed: boolean, key: string,
 *   person: Row|null, cause: string|null, tone: Tone}} Entry
 *   `who`: the user, or null where nobody asked for it; `key`: the word of i18n.js; `isDeed`: it is said of who did it,
 *   all else of whom or what it happened to
 */

import { HOW_THEY_CAME, isInside } from "./progress.js";

/** @type {Record<string, Tone>} */
const SAID = {
  "participant.added": "plain", "participant.queued": "plain", "participant.joined": "good",
  "participant.left": "plain", "participant.kicked": "plain", "participant.failed": "bad",
  "participant.muted": "plain", "participant.unmuted": "plain", "participant.removed": "plain",
  "conference.created": "plain", "conference.started": "good", "conference.ended": "plain",
};
const HAPPENS = /^l_(participant_(joined|left|failed)|unsure|doubt|overdue_|lost_|uncertain|certain)/;

/** @param {Event} event @param {Event|undefined} before of the same person or conference @returns {Entry|null} null: not worth a line */
export function entry(event, before = undefined) {
  const [key, tone] = told(event, before);
  if (!key) return null;
  return {
    seq: event.seq, at: event.at, who: whoOf(event), agent: agentOf(event), isDeed: !HAPPENS.test(key), key, tone,
    person: event.participant ?? null, cause: event.cause,
  };
}

/** Those that are worth a line, in their order. @param {Event[]} events @returns {Entry[]} */
export function entries(events) {
  const last = new Map();
  /** @type {Entry[]} */
  const found = [];
  for (const event of events) {
    const of = event.participant?.key ?? "";
    const made = entry(event, last.get(of));
    if (made) found.push(made);
    last.set(of, event);
  }
  return found;
}

/** What a person did and what was done to them. @param {Entry} entry @param {string} person `user:<uid>` or the key of a row */
export function isAbout(entry, person) {
  return person === "" || entry.person?.key === person || (entry.who !== null && `user:${entry.who}` === person);
}

/** Who acted, once each, in the order of their first act. @param {Entry[]} all @returns {string[]} */
export function actors(all) {
  return [...new Set(all.map(({ who }) => who).filter((who) => who !== null))];
}

/** Who removed whom, by the key of the row and the number of its attempt. @param {Event[]} events @returns {Map<string, string>} */
export function removers(events) {
  const kicks = events.filter(({ type, actor }) => type === "participant.kicked" && actor.startsWith("user:"));
  return new Map(kicks.flatMap(({ participant, actor }) => (participant ? [[call(participant), actor.slice("user:".length)]] : [])));
}

/** Names one call. @param {Pick<Row, "key"|"attempt">} row */
export function call({ key, attempt }) {
  return `${key}/${attempt}`;
}

/** @type {Said} */
const NOTHING = [null, "plain"];

/** @param {Event} event @param {Event|undefined} before @returns {Said} */
function told({ type, cause, participant, conference }, before) {
  if (type === "participant.changed" && participant) return ofPerson(cause, participant, before?.participant);
  if (type === "conference.changed" && conference) return ofConference(conference, before?.conference);
  if (participant?.progress === "unknown") return ["l_unsure", "bad"];
  const tone = SAID[type];
  return tone ? [`l_${type.replace(".", "_")}`, tone] : NOTHING;
}

/** @param {string|null} cause @param {Row} row @param {Row|undefined} before @returns {Said} */
function ofPerson(cause, row, before) {
  if (row.overdue && !before?.overdue) return [`l_overdue_${row.pending}`, "bad"];
  const isLost = isInside(row) && row.pending === null && cause !== null && !HOW_THEY_CAME.includes(cause);
  if (isLost && cause === "outcome_unknown") return ["l_doubt", "bad"];
  if (isLost) return [`l_lost_${before?.pending ?? "command"}`, "bad"];
  if (row.pending === "cancel" && before?.pending !== "cancel") return ["l_cancel", "plain"];
  return NOTHING;
}

/** @param {Conference} now @param {Conference|undefined} before @returns {Said} */
function ofConference(now, before) {
  if (!before) return NOTHING;
  if (now.muted !== before.muted) return [`l_mode_${now.muted}`, "plain"];
  if (Boolean(now.uncertain) !== Boolean(before.uncertain)) return now.uncertain ? ["l_uncertain", "bad"] : ["l_certain", "good"];
  if (now.hasPwd !== before.hasPwd) return [now.hasPwd ? "l_password" : "l_no_password", "plain"];
  return NOTHING;
}

/** @param {Event} event */
function whoOf({ actor }) {
  if (actor.startsWith("user:")) return actor.slice("user:".length);
  return actor === "open" || actor.startsWith("key:") ? actor : null;
}

/** @param {Event} event @returns {Entry["agent"]} */
function agentOf({ actor }) {
  return actor === "hub" || actor === "provider" ? actor : "user";
}
