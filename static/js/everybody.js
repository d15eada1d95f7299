/** What can be done to everybody at once: by which operation, to how many, and how it is asked about. Pure. */

import { fitting } from "./acts.js";
import { CAME_TO_NOTHING, isInside } from "./progress.js";

/** @import { Conference, Row } from "./conference.js" */

const isModerator = (/** @type {Row} */ row) => row.role === "moderator";
const wasNotReached = (/** @type {Row} */ row) => CAME_TO_NOTHING.includes(row.progress) && row.number !== "";
const isFree = (/** @type {Row} */ row) => row.number !== "" && (row.progress === "added" || wasNotReached(row));
const keysOf = (/** @type {Row[]} */ rows) => ({ users: rows.map(({ key }) => ({ key })) });
const mutable = (/** @type {Row[]} */ rows) => fitting("mute", rows, null);

/**
 * By the name of the wish: `whom` it is about, the operation and its params; `undo`, an act that takes it back, and
 * `word`, that of what has been done; `isDangerous`: it puts people out.
 * @type {Record<string, {whom: (rows: Row[], uid: string) => Row[], operation: string, params: (whom: Row[]) => object,
 *   word: string, undo?: import("./acts.js").Act, isDangerous?: boolean, isSetting?: boolean}>}
 */
export const EVERYBODY = {
  muteAll: { whom: mutable, operation: "muteConf", params: () => ({ target: "all" }), word: "mute", undo: "unmute" },
  muteAllBut: {
    whom: (rows) => mutable(rows).filter((row) => !isModerator(row)), operation: "muteConf",
    params: () => ({ target: "all_but_moderators" }), word: "mute", undo: "unmute",
  },
  muteAllButMe: {
    whom: (rows, uid) => mutable(rows).filter(({ id }) => id !== uid), operation: "muteConf",
    params: () => ({ target: "all_but_me" }), word: "mute", undo: "unmute",
  },
  unmuteAll: { whom: (rows) => fitting("unmute", rows, null), operation: "unmuteConf", params: () => ({ target: "all" }), word: "unmute" },
  modeAll: { whom: mutable, operation: "modeConf", params: () => ({ muted: "all" }), word: "mode", isSetting: true },
  modeAllBut: {
    whom: (rows) => mutable(rows).filter((row) => !isModerator(row)), operation: "modeConf",
    params: () => ({ muted: "all_but_moderators" }), word: "mode", isSetting: true,
  },
  modeNone: { whom: () => [], operation: "modeConf", params: () => ({ muted: "none" }), word: "mode", isSetting: true },
  callAll: { whom: (rows) => rows.filter(isFree), operation: "callAllConf", params: () => ({}), word: "call" },
  redialAll: { whom: (rows) => rows.filter(wasNotReached), operation: "redialConf", params: keysOf, word: "redial" },
  kickAllBut: {
    whom: (rows) => fitting("kick", rows, null).filter((row) => !isModerator(row)), operation: "quitConf",
    params: () => ({ target: "all_but_moderators" }), word: "kick", undo: "redial", isDangerous: true,
  },
  kickAll: {
    whom: (rows) => fitting("kick", rows, null), operation: "quitConf", params: () => ({ target: "all" }),
    word: "kick", undo: "redial", isDangerous: true,
  },
};

/** The numbers that a reminder goes to, each once. @param {Row[]} rows */
export function numbers(rows) {
  return [...new Set(rows.map(({ number }) => number).filter(Boolean))];
}

/**
 * Whether there is any sense in offering it.
 * @param {Row[]} rows @param {Conference|null} conference @param {string} uid @returns {Record<string, boolean>}
 */
export function offered(rows, conference, uid) {
  return {
    muteAllBut: rows.some(isModerator), muteAllButMe: rows.some((row) => row.id === uid && isInside(row)),
    modeAll: conference?.muted !== "all", modeAllBut: conference?.muted !== "all_but_moderators",
    modeNone: conference !== null && conference.muted !== "none", kickAllBut: rows.some(isModerator),
  };
}
