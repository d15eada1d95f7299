/**
 * Who else is watching a conference: told by signals, which may be lost, so nothing may hang on it.
 *
 * @typedef {{uid: string, role: string}} Person
 * @typedef {{watchers: Person[], count: number}} Present of very many only the number is known
 */

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { me } from "./me.js";

const SHOWN = 8;
/** @type {Present} */
const NOBODY = { watchers: [], count: 0 };

/** Dispatches `change`. */
export class Watchers extends EventTarget {
  /** @type {Map<string, Present>} */
  #of = new Map();

  /** @param {import("./connection.js").Connection} connection without which nobody is known to be there */
  constructor(connection) {
    super();
    connection.addEventListener("signal", (/** @type {any} */ { detail }) => detail.type === "watchers" && this.#told(detail));
    connection.addEventListener("status", () => connection.status.state === "offline" && this.#forget());
  }

  /** @param {string} id of a conference */
  of(id) {
    return this.#of.get(id) ?? NOBODY;
  }

  /** @param {Present & {id: string}} signal */
  #told({ id, watchers, count }) {
    this.#of.set(id, { watchers, count });
    this.dispatchEvent(new Event("change"));
  }

  #forget() {
    if (this.#of.size === 0) return;
    this.#of.clear();
    this.dispatchEvent(new Event("change"));
  }
}

/** What stands in a conference's head: nothing, or a list of names, oneself first. @param {Present} present */
export function nameWatchers({ watchers, count }) {
  const isMe = (/** @type {Person} */ { uid, role }) => uid === me.id && role === me.role;
  const shown = [...watchers.filter(isMe), ...watchers.filter((person) => !isMe(person))].slice(0, SHOWN);
  if (shown.length === 0) return [];
  const items = shown.map((person) =>
    h("li", {}, h("span", { class: "name" }, person.uid), isMe(person) ? t("isYou") : null,
      ` · ${t(`r_${person.role}`)}`));
  const more = count > shown.length ? [h("li", {}, t("more", { count: count - shown.length, total: count }))] : [];
  return [h("span", { id: "watching" }, t("watching")),
    h("ul", { "aria-labelledby": "watching" }, ...items, ...more)];
}
