/**
 * What a moderator can do to people: to whom, by which operation of the hub, and what takes it back. Pure.
 *
 * @typedef {import("./conference.js").Row} Row
 * @typedef {import("./conference.js").Conference} Conference
 * @typedef {"mute"|"unmute"|"kick"|"redial"|"call"|"cancel"|"remove"|"settleIn"|"settleOut"} Act
 * @typedef {Act|"settle"} Button
 * @typedef {{ok: boolean, error?: {name?: string, message?: string}, key?: string, callid?: string, id?: string,
 *   number?: string}} Result the hub's, of one row
 * @typedef {{row: Row, error: Result["error"]}} Failure
 * @typedef {{operation: string, undo?: Act, extra?: object, isFor: (row: Row, conference: Conference|null) => boolean}} Rule
 */

import { RpcError } from "./errors.js";
import { isInside, OVER, UNDER_WAY } from "./progress.js";

/** @type {Act[]} */
export const SETTLING = ["settleOut", "settleIn"];
/** What was taken back may have been answered all the same. */
const PRESUMED = ["ring_timeout", "outcome_unknown", "reconcile", "settled", "cancelled"];

/** The platform has named their call: of another nothing can be asked. @param {Row} row */
const canBeAsked = (row) => isInside(row) && row.callid !== undefined;
/** @param {Row} row */
const isDoubtful = (row) => row.pending === null && row.cause === "outcome_unknown";
const isLeaving = (/** @type {Row} */ row) => row.pending === "kick";
const isOver = (/** @type {Row} */ row) => OVER.includes(row.progress);
const isUnknown = (/** @type {Row} */ row) => row.progress === "unknown";
/** Nobody but the hub or a moderator has said that their call is over. */
const isPresumed = (/** @type {Row} */ row) => isOver(row) && PRESUMED.includes(row.cause ?? "");
/** How many more are shown inside than the platform counts. @param {Conference|null} conference */
const surplus = (conference) => (conference?.uncertain ? conference.uncertain.shown - conference.uncertain.counted : 0);

/** @type {Record<Act, Rule>} */
export const ACTS = {
  mute: { operation: "muteConf", undo: "unmute", isFor: (row) => canBeAsked(row) && (!row.muted || isDoubtful(row)) && !isLeaving(row) },
  unmute: { operation: "unmuteConf", isFor: (row) => canBeAsked(row) && (row.muted || isDoubtful(row)) && !isLeaving(row) },
  settleIn: {
    operation: "settleUser", extra: { progress: "joined" },
    isFor: (row, conference) => isUnknown(row) || (isPresumed(row) && surplus(conference) < 0),
  },
  settleOut: {
    operation: "settleUser", extra: { progress: "left" },
    isFor: (row, conference) => isUnknown(row) || (isInside(row) && surplus(conference) > 0),
  },
  redial: { operation: "redialConf", isFor: (row) => isOver(row) && row.number !== "" },
  call: { operation: "inviteConf", isFor: (row) => row.progress === "added" && row.number !== "" },
  cancel: { operation: "cancelInvite", isFor: (row) => UNDER_WAY.includes(row.progress) && row.pending !== "cancel" },
  kick: { operation: "quitConf", undo: "redial", isFor: canBeAsked },
  remove: { operation: "removeUser", isFor: (row) => isOver(row) || row.progress === "added" },
};

/** By what takes an act back: whether a row is still as the act has left it. @type {Partial<Record<Act, (row: Row) => boolean>>} */
export const IS_UNDONE_BY = { unmute: (row) => isInside(row) && row.muted, redial: (row) => row.progress === "kicked" };

/** Of these acts, those that a row allows. @param {Row} row @param {Conference|null} conference @returns {Act[]} */
export function actsOn(row, conference) {
  return /** @type {Act[]} */ (Object.keys(ACTS)).filter((act) => ACTS[act].isFor(row, conference));
}

/**
 * What a row has buttons for: where it may explain that the numbers differ, or nobody knows, one that asks.
 * @param {Row} row @param {Conference|null} conference @returns {Button[]}
 */
export function buttonsOn(row, conference) {
  return [...new Set(actsOn(row, conference).map((act) => (SETTLING.includes(act) ? "settle" : act)))];
}

/**
 * Those of the rows to whom it can be done.
 * @param {Act} act @param {Iterable<Row>} rows @param {Conference|null} conference @returns {Row[]}
 */
export function fitting(act, rows, conference) {
  return [...rows].filter((row) => ACTS[act].isFor(row, conference));
}

/** What to send for these rows. @param {Act} act @param {Row[]} rows */
export function request(act, rows) {
  const { operation, extra } = ACTS[act];
  const users = rows.map(({ id, number, key }) => (act === "call" ? { id, number } : { key, ...extra }));
  return { operation, params: { users } };
}

/**
 * What became of each row, from the hub's results, which have its order.
 * @param {Row[]} rows @param {Result[]} results
 * @returns {{done: Row[], failed: Failure[]}}
 */
export function fates(rows, results) {
  const failed = rows.map((row, index) => ({ row, error: results[index]?.error })).filter(({ error }) => error);
  const lost = new Set(failed.map(({ row }) => row));
  return { done: rows.filter((row) => !lost.has(row)), failed };
}

/** What the hub says of each, where it refuses all of them. @param {unknown} error @returns {Result[]|undefined} */
export function resultsOf(error) {
  return error instanceof RpcError ? error.data.results : undefined;
}
