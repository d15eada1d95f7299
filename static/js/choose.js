/**
 * Which rows are shown, and in what order. Pure.
 *
 * @typedef {import("./conference.js").Row} Row
 * @typedef {"all"|"in"|"muted"|"calling"|"failed"|"left"|"unidentified"} Filter
 * @typedef {{text: string, filter: Filter, sort: "roster"|"name"|"state"|"time", isDown: boolean}} Choice
 */

import { CAME_TO_NOTHING, isInside, UNDER_WAY } from "./progress.js";

/** Those of whom something may be wanted come first. */
const BY_STATE = ["joined", "unknown", "dialing", "queued", "failed", "rejected", "busy", "no_answer", "added", "cancelled", "left", "kicked"];
const LEAST_DIGITS = 2;

/** @type {Record<Filter, (row: Row) => boolean>} */
export const FILTERS = {
  all: () => true,
  in: isInside,
  muted: (row) => isInside(row) && row.muted,
  calling: (row) => UNDER_WAY.includes(row.progress),
  failed: (row) => CAME_TO_NOTHING.includes(row.progress),
  left: (row) => row.progress === "left" || row.progress === "kicked",
  unidentified: (row) => row.unidentified,
};

/** @type {Choice} */
export const everybody = { text: "", filter: "all", sort: "roster", isDown: false };

/** How many rows each filter has. @param {Iterable<Row>} rows @returns {Record<Filter, number>} */
export function counts(rows) {
  const all = [...rows];
  const entries = Object.entries(FILTERS).map(([name, fits]) => [name, all.filter(fits).length]);
  return /** @type {Record<Filter, number>} */ (Object.fromEntries(entries));
}

/**
 * Rows that are the same by the order stay as they are on the roster, whichever way it goes.
 * @param {Iterable<Row>} rows in the order of the roster
 * @param {Choice} choice
 * @param {(a: string, b: string) => number} compare of names in the user's language
 * @returns {Row[]}
 */
export function choose(rows, choice, compare) {
  const fits = FILTERS[choice.filter];
  const matches = matcher(choice.text);
  const chosen = [...rows].filter((row) => fits(row) && matches(row));
  const order = orders(compare)[choice.sort];
  return order ? chosen.sort(choice.isDown ? (a, b) => order(b, a) : order) : chosen;
}

/**
 * By a part of the name or id in any case, or of the number however it is written.
 * @param {string} text @returns {(row: Row) => boolean}
 */
function matcher(text) {
  const wanted = plain(text.trim());
  if (wanted === "") return () => true;
  const digits = /^[\d\s+().\-/]+$/.test(wanted) ? wanted.replace(/\D/g, "") : "";
  return (row) => plain(row.name).includes(wanted) || plain(row.id).includes(wanted) || row.number.includes(wanted)
    || (digits.length >= LEAST_DIGITS && row.number.replace(/\D/g, "").includes(digits));
}

/** @param {string} text */
function plain(text) {
  return text.normalize("NFKC").toLowerCase();
}

/**
 * @param {(a: string, b: string) => number} compare
 * @returns {Record<Choice["sort"], ((a: Row, b: Row) => number)|null>} null: as they are
 */
function orders(compare) {
  return {
    roster: null,
    name: (a, b) => compare(a.name || a.number, b.name || b.number),
    state: (a, b) => place(a) - place(b),
    time: (a, b) => instant(b.joinedAt) - instant(a.joinedAt),
  };
}

/** @param {string|null} at */
function instant(at) {
  return at ? Date.parse(at) : 0;
}

/** @param {Row} row */
function place(row) {
  const found = BY_STATE.indexOf(row.progress);
  return found < 0 ? BY_STATE.length : found;
}
