/** What happens, said to those who do not see it: once in a while, and in numbers where it is much. */

import { h } from "../dom.js";
import { t } from "../i18n.js";

const EVERY_MS = 3_000;
/** @type {Record<string, string>} */
const TOLD = {
  "participant.joined": "a_joined", "participant.left": "a_left", "participant.failed": "a_failed",
  "conference.ended": "e_conference_ended",
};

export class Announcer extends HTMLElement {
  #region = h("p", { class: "unseen", role: "status", "aria-live": "polite" });
  /** @type {Map<string, string[]>} names by the word for what they did */
  #heard = new Map();
  #timer = 0;

  connectedCallback() {
    this.append(this.#region);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  /** @param {import("../conference.js").Event} event */
  hear({ type, participant }) {
    const word = TOLD[type];
    if (!word || participant?.progress === "unknown") return;
    const name = participant?.name || participant?.number || "";
    this.#heard.set(word, [...(this.#heard.get(word) ?? []), name]);
    this.#timer ||= setTimeout(() => this.#say(), EVERY_MS);
  }

  #say() {
    this.#timer = 0;
    const said = [...this.#heard].map(([word, names]) => t(word, { name: names[0], count: names.length }));
    this.#heard.clear();
    this.#region.textContent = said.join(" ");
  }
}

customElements.define("conf-announcer", Announcer);
