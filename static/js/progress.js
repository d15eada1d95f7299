/** What can stand in a row's `progress`, and what some of its causes mean. Pure. */

/** @typedef {import("./conference.js").Row} Row */

export const CAME_TO_NOTHING = ["busy", "no_answer", "rejected", "failed", "cancelled"];
export const OVER = ["left", "kicked", ...CAME_TO_NOTHING];
export const UNDER_WAY = ["queued", "dialing", "unknown"];
/** Causes of somebody inside that say how they came in, not that a command came to nothing. */
export const HOW_THEY_CAME = ["reconcile", "answered_late", "settled"];

/** @param {Row} row */
export function isInside(row) {
  return row.progress === "joined";
}
