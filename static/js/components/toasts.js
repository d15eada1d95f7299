/** What has just been done, said in a corner, with a way back. */

import { h } from "../dom.js";
import { t } from "../i18n.js";

const SHOWN_MS = 10_000;
const SHOWN_AT_ONCE = 3;

/** @typedef {{element: HTMLElement, undo: (() => void)|null, timer: number}} Toast */

export class Toasts extends HTMLElement {
  /** @type {Toast[]} */
  #shown = [];
  /** What made room for newer ones can still be undone. @type {(() => void)[]} */
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

  /** @param {string} text @param {(() => void)|null} undo */
  say(text, undo = null) {
    /** @type {Toast} */
    const toast = { element: h("div", { class: "toast" }), undo, timer: 0 };
    const drop = () => this.#drop(toast);
    const again = undo && h("button", { type: "button", class: "undo", onclick: () => this.#undo(toast) }, t("undo"));
    toast.element.append(h("span", {}, text), ...(again ? [again] : []),
      h("button", { type: "button", class: "quiet close", "aria-label": t("dismiss"), onclick: drop }, "×"));
    this.#shown.push(toast);
    this.append(toast.element);
    if (this.#shown.length > SHOWN_AT_ONCE) this.#makeRoom(this.#shown[0]);
    this.#release();
  }

  /** The last thing that can be undone. @returns {boolean} whether there was one */
  undo() {
    const last = this.#shown.findLast(({ undo }) => undo);
    const undo = last ? () => this.#undo(last) : this.#before.pop();
    undo?.();
    return undo !== undefined;
  }

  /** What can no longer be taken back is not offered. */
  settle() {
    for (const toast of this.#shown.filter(({ undo }) => undo)) this.#drop(toast);
    this.#before = [];
  }

  /** @param {Toast} toast */
  #makeRoom(toast) {
    if (toast.undo) this.#before.push(toast.undo);
    this.#drop(toast);
  }

  /** @param {Toast} toast */
  #undo(toast) {
    this.#drop(toast);
    toast.undo?.();
  }

  /** @param {Toast} toast */
  #drop(toast) {
    clearTimeout(toast.timer);
    toast.element.remove();
    this.#shown = this.#shown.filter((each) => each !== toast);
  }

  /** Nothing goes away under somebody's hand. */
  #hold() {
    for (const toast of this.#shown) clearTimeout(toast.timer);
  }

  #release() {
    this.#hold();
    for (const toast of this.#shown) toast.timer = setTimeout(() => this.#drop(toast), SHOWN_MS);
  }
}

customElements.define("conf-toasts", Toasts);
