/** What was just done, said in a corner, with a way back for as long as it is so and nothing newer is done to the same people. */

import { h } from "../dom.js";
import { t } from "../i18n.js";

const SHOWN_MS = 10_000;
const SHOWN_AT_ONCE = 3;

/**
 * To whom it was done, by their rows' keys, what is said of them, and what takes it back: whether it can be right now.
 * `isSo`: of a row, whether what was done to it still is so, whoever may have undone it.
 * @typedef {{keys: string[], say: (keys: string[]) => string, undo: ((keys: string[]) => boolean)|null,
 *   isSo?: (row: import("../conference.js").Row) => boolean}} Done
 * @typedef {Done & {element: HTMLElement, words: HTMLElement, timer: number}} Toast
 */

export class Toasts extends HTMLElement {
  /** @type {Toast[]} */
  #shown = [];
  /** What made room for newer ones can still be undone. @type {Toast[]} */
  #before = [];

  connectedCallback() {
    this.setAttribute("role", "status");
    this.addEventListener("pointerenter", () => this.#hold());
    this.addEventListener("focusin", () => this.#hold());
    this.addEventListener("pointerleave", () => this.#release());
    this.addEventListener("focusout", () => this.#release());
  }

  disconnectedCallback() {
    this.#hold();
  }

  /** @param {Done} done */
  say(done) {
    const words = h("span", {}, done.say(done.keys));
    const keys = new Set(done.keys);
    for (const toast of [...this.#shown, ...this.#before]) this.#outdate(toast, keys, words.textContent);
    /** @type {Toast} */
    const toast = { ...done, element: h("div", { class: "toast" }), words, timer: 0 };
    const drop = () => this.#drop(toast);
    const undo = () => this.#undo(toast);
    const again = done.undo && h("button", { type: "button", class: "undo", onclick: undo }, t("undo"));
    toast.element.append(words, ...(again ? [again] : []),
      h("button", { type: "button", class: "quiet close", "aria-label": t("dismiss"), onclick: drop }, "×"));
    this.#shown.push(toast);
    this.append(toast.element);
    if (this.#shown.length > SHOWN_AT_ONCE) this.#makeRoom(this.#shown[0]);
    if (!this.matches(":hover, :focus-within")) this.#start(toast);
  }

  /** How somebody is now. @param {import("../conference.js").Row} row */
  hear(row) {
    for (const toast of [...this.#shown, ...this.#before]) {
      if (toast.isSo && !toast.isSo(row)) this.#outdate(toast, new Set([row.key]), null);
    }
  }

  /** The last thing that can be undone. @returns {boolean} whether there was one */
  undo() {
    const last = this.#shown.findLast(({ undo }) => undo);
    const toast = last ?? this.#before.at(-1);
    if (toast) this.#undo(toast);
    return toast !== undefined;
  }

  /** Nothing of it can be taken back any more, nor matters. */
  clear() {
    for (const toast of this.#shown) this.#drop(toast);
    this.#before = [];
  }

  /**
   * It is no longer about those to whom something newer was done.
   * @param {Toast} toast @param {Set<string>} keys @param {string|null} text of the newer one
   */
  #outdate(toast, keys, text) {
    const others = toast.keys.filter((key) => !keys.has(key));
    if (others.length === toast.keys.length && toast.words.textContent !== text) return;
    if (others.length === 0) return this.#drop(toast);
    toast.keys = others;
    toast.words.textContent = toast.say(others);
  }

  /** @param {Toast} toast */
  #makeRoom(toast) {
    this.#drop(toast);
    if (toast.undo) this.#before.push(toast);
  }

  /** What cannot be taken back yet stays. @param {Toast} toast */
  #undo(toast) {
    if (toast.undo?.(toast.keys)) this.#drop(toast);
  }

  /** @param {Toast} toast */
  #drop(toast) {
    clearTimeout(toast.timer);
    toast.element.remove();
    this.#shown = this.#shown.filter((each) => each !== toast);
    this.#before = this.#before.filter((each) => each !== toast);
  }

  /** Nothing goes away under somebody's hand. */
  #hold() {
    for (const toast of this.#shown) clearTimeout(toast.timer);
  }

  #release() {
    for (const toast of this.#shown) this.#start(toast);
  }

  /** @param {Toast} toast */
  #start(toast) {
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => this.#drop(toast), SHOWN_MS);
  }
}

customElements.define("conf-toasts", Toasts);
