/**
 * What has happened, newest first: when, who, what, to whom, with which result.
 *
 * @typedef {import("../log.js").Entry} Entry
 */

import { h } from "../dom.js";
import { clock, date, day, parts, sayCause, t } from "../i18n.js";
import { actors, entries, isAbout } from "../log.js";
import { me } from "../me.js";
import { isSameDay } from "../timing.js";

/** So many lines at first, and so many more each time. */
const SHOWN = 100;

export class Activity extends HTMLElement {
  #list = h("ol", { class: "log" });
  #person = h("select", { "aria-label": t("logOf"), onchange: () => this.#again() });
  #earlier = h("button", { type: "button", class: "quiet", onclick: () => this.#older() }, t("earlier"));
  #empty = h("p", { class: "empty" }, t("emptyLog"));
  #limit = SHOWN;
  #offered = "";
  /** @type {import("../history.js").History|null} */
  #history = null;

  #onPrint = () => this.#all();

  connectedCallback() {
    addEventListener("beforeprint", this.#onPrint);
    if (this.hasChildNodes()) return;
    const box = { class: "log-box", tabindex: "0", role: "region", "aria-labelledby": "log-title" };
    this.append(h("div", { class: "panel-head" }, h("h2", { id: "log-title" }, t("log")), this.#person),
      h("div", box, this.#list, this.#empty, this.#earlier));
  }

  disconnectedCallback() {
    removeEventListener("beforeprint", this.#onPrint);
  }

  /**
   * @param {import("../history.js").History} history
   * @param {ReadonlyMap<string, import("../conference.js").Row>} participants
   */
  show(history, participants) {
    this.#history = history;
    const all = entries(history.events);
    this.#offer(all, participants);
    const found = all.filter((entry) => isAbout(entry, this.#person.value));
    this.#draw(found.slice(-this.#limit).reverse());
    this.#empty.hidden = found.length > 0 || !history.isWhole;
    this.#earlier.hidden = history.isWhole && found.length <= this.#limit;
  }

  /** Lines that are there stay; most of the time there is one more at the top. @param {Entry[]} found */
  #draw(found) {
    /** @type {NodeListOf<HTMLElement>} */
    const shown = this.#list.querySelectorAll("li");
    const lines = new Map([...shown].map((line) => [line.dataset.seq, line]));
    let at = this.#list.firstElementChild;
    for (const [index, entry] of found.entries()) {
      const old = lines.get(String(entry.seq));
      lines.delete(String(entry.seq));
      const line = old ?? lineOf(entry);
      showDate(line, isSameDay(entry.at, found[index - 1]?.at ?? new Date()));
      if (line === at) at = line.nextElementSibling;
      else this.#list.insertBefore(line, at);
    }
    for (const line of lines.values()) line.remove();
  }

  /** @param {Entry[]} all @param {ReadonlyMap<string, import("../conference.js").Row>} participants */
  #offer(all, participants) {
    const people = [...participants.values()].map((row) => [row.key, row.name || row.number || row.id]);
    const users = actors(all).map((uid) => [`user:${uid}`, uid === me.id ? `${uid}${t("isYou")}` : uid]);
    const offered = JSON.stringify([users, people]);
    if (offered === this.#offered) return;
    this.#offered = offered;
    const chosen = this.#person.value;
    const option = (/** @type {string[]} */ [value, text]) => h("option", { value }, text);
    this.#person.replaceChildren(option(["", t("everybody")]), ...users.map(option), ...people.map(option));
    this.#person.value = chosen;
    if (this.#person.selectedIndex < 0) this.#person.value = "";
  }

  async #older() {
    this.#limit += SHOWN;
    if (!(await this.#history?.loadEarlier())) this.#again();
  }

  /** On paper nobody asks for more. */
  #all() {
    this.#limit = Infinity;
    this.#again();
  }

  #again() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {Entry} entry */
function lineOf(entry) {
  const result = resultOf(entry);
  return h("li", { "data-seq": String(entry.seq), "data-tone": entry.tone },
    h("span", { class: "date" }, date(entry.at)),
    h("time", { datetime: entry.at, title: day(entry.at) }, clock(entry.at)),
    h("p", {}, ...told(entry), result ? h("span", { class: "result" }, ` — ${result}`) : null));
}

/** The first of an earlier day says which. @param {HTMLElement} line @param {boolean} isKnown */
function showDate(line, isKnown) {
  /** @type {HTMLElement} */ (line.firstElementChild).hidden = isKnown;
}

/** @param {Entry} entry */
function told(entry) {
  const { person: row, isDeed, key } = entry;
  const person = row && h("bdi", { class: "name" }, row.name || row.number || row.id || t("unidentified"));
  return [...(isDeed ? [h("bdi", { class: "actor" }, doer(entry)), " "] : []), ...parts(key, { person })];
}

/** @param {import("../log.js").Entry} entry */
export function doer({ who, agent }) {
  return who ?? t(agent);
}

/** @param {Entry} entry */
export function resultOf({ key, person, cause }) {
  if (!person || key !== "l_participant_failed") return cause === "stopped" ? "" : sayCause(cause);
  const why = person.progress === "failed" && cause !== person.progress ? sayCause(cause) : "";
  const said = t(`p_${person.progress}`);
  return why ? t("because", { said, why }) : said;
}

customElements.define("conf-activity", Activity);
