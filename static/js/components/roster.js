/** The roster as a table. Rows move, come and go; whoever works on one stays on it. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { RowView } from "./row.js";

/** So many new rows are drawn in a frame: a thousand at once would be felt. */
const NEW_AT_ONCE = 120;
/** @type {Record<string, Choice["sort"]>} */
const SORTED_BY = { who: "name", progress: "state", since: "time" };
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

/**
 * Dispatches `act` (`{act, key}`), `select` (`{key, isRange, from}`), `select-all`, `sort` (`{sort}`), and `above`,
 * where somebody goes up from the first row.
 *
 * @typedef {import("./row.js").Context} Context
 * @typedef {import("../choose.js").Choice} Choice
 */
export class Roster extends HTMLElement {
  /** Set before it is shown. */
  offersControls = true;
  /** @type {Map<string, RowView>} */
  #views = new Map();
  /** @type {string[]} keys of the rows in the table */
  #shown = [];
  /** @type {string|null} */
  #current = null;
  /** @type {Context|null} */
  #context = null;
  /** @type {ReadonlySet<string>} */
  #selected = new Set();
  #body = h("tbody", { role: "rowgroup", onclick: (event) => this.#clicked(event), onkeydown: (event) => this.#pressed(event), onfocusin: ({ target }) => this.#came(target) });
  #every = h("input", { type: "checkbox", onclick: () => this.#tell("select-all") });
  /** @type {Map<string, HTMLElement>} */
  #heads = new Map();
  /** Rows whose clocks somebody may see. @type {Set<RowView>} */
  #inSight = new Set();
  #sight = new IntersectionObserver((entries) => entries.forEach((entry) => this.#seen(entry)), { rootMargin: "100px" });

  #onPrint = () => {
    for (const view of this.#views.values()) view.tick();
  };

  disconnectedCallback() {
    removeEventListener("beforeprint", this.#onPrint);
  }

  connectedCallback() {
    addEventListener("beforeprint", this.#onPrint);
    if (this.hasChildNodes()) return;
    this.classList.toggle("offers", this.offersControls);
    this.#every.setAttribute("aria-label", t("selectAll"));
    const choose = h("th", { scope: "col", class: "choose", role: "columnheader" }, h("label", { class: "check" }, this.#every));
    const columns = ["who", "phone", "progress", "microphone", "since"].map((column) => this.#head(column));
    const actions = h("th", { scope: "col", class: "actions", role: "columnheader" }, h("span", { class: "unseen" }, t("actions")));
    const heads = this.offersControls ? [choose, ...columns, actions] : columns;
    this.replaceChildren(h("table", { role: "table", "aria-label": t("roster") },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...heads)), this.#body));
  }

  /** Keys in the order in which they stand. */
  get shown() {
    return this.#shown;
  }

  /** The row that the moderator is on, or null. */
  get current() {
    /** @type {HTMLElement|null|undefined} */
    const row = document.activeElement?.closest?.("tr[data-key]");
    return row && this.contains(row) ? (row.dataset.key ?? null) : null;
  }

  /**
   * @param {import("../conference.js").Row[]} rows in the order in which they are shown
   * @param {Context} context @param {ReadonlySet<string>} selected @param {Choice} choice
   * @returns {boolean} whether all of them are; otherwise it wants to be asked again
   */
  show(rows, context, selected, choice) {
    const isOther = context !== this.#context;
    const isSelectedAnew = selected !== this.#selected;
    this.#context = context;
    this.#selected = selected;
    let left = NEW_AT_ONCE;
    const drawn = rows.filter((row) => this.#views.has(row.key) || left-- > 0);
    for (const row of drawn) this.#draw(row, context, isOther, isSelectedAnew);
    this.#arrange(drawn.map(({ key }) => key));
    this.#showHeads(choice, selected);
    return drawn.length === rows.length;
  }

  /** Those who are off the roster, once they are no longer shown. @param {{has: (key: string) => boolean}} known */
  forget(known) {
    for (const [key, view] of this.#views) {
      if (known.has(key)) continue;
      view.say("");
      this.#sight.unobserve(view.element);
      this.#inSight.delete(view);
      this.#views.delete(key);
    }
  }

  /** @param {string|undefined} key of a row that is shown */
  goTo(key) {
    this.#views.get(key ?? "")?.element.focus();
  }

  tick() {
    for (const view of this.#inSight) view.tick();
  }

  /** @param {IntersectionObserverEntry} entry */
  #seen({ target, isIntersecting }) {
    const view = this.#views.get(/** @type {HTMLElement} */ (target).dataset.key ?? "");
    if (!view) return;
    if (isIntersecting) {
      this.#inSight.add(view);
      view.tick();
    } else this.#inSight.delete(view);
  }

  /** @param {string} key @param {string} text */
  say(key, text) {
    this.#views.get(key)?.say(text);
  }

  /** @param {import("../acts.js").Button} act @param {string} key */
  act(act, key) {
    this.#tell("act", { act, key });
  }

  /** @param {import("../conference.js").Row} row @param {Context} context @param {boolean} isOther @param {boolean} isSelectedAnew */
  #draw(row, context, isOther, isSelectedAnew) {
    const view = this.#views.get(row.key) ?? this.#make(row.key);
    if (isOther || view.row !== row) view.show(row, context, this.#selected.has(row.key));
    else if (isSelectedAnew) view.select(this.#selected.has(row.key));
  }

  /** @param {string} key */
  #make(key) {
    const view = new RowView(key, this);
    this.#views.set(key, view);
    this.#sight.observe(view.element);
    return view;
  }

  /** Every row that does not stand where it should is put there, and no other. @param {string[]} keys */
  #arrange(keys) {
    const focused = this.current === null ? null : /** @type {HTMLElement} */ (document.activeElement);
    const place = this.#shown.indexOf(this.current ?? "");
    const wanted = new Set(keys);
    for (const key of this.#shown) if (!wanted.has(key)) this.#views.get(key)?.element.remove();
    let at = this.#body.firstElementChild;
    for (const { element } of keys.flatMap((key) => this.#views.get(key) ?? [])) at = this.#place(element, at);
    this.#shown = keys;
    if (focused && document.activeElement !== focused) this.#keepFocus(focused, place);
    if (this.#current === null || !wanted.has(this.#current)) this.#makeCurrent(keys[Math.min(Math.max(place, 0), keys.length - 1)]);
  }

  /** Before `at`, unless it is that. A row that stands one too early goes, and is put where it belongs in its turn. @param {Element} element @param {Element|null} at */
  #place(element, at) {
    if (element === at) return at.nextElementSibling;
    if (at?.nextElementSibling === element) {
      at.remove();
      return element.nextElementSibling;
    }
    this.#body.insertBefore(element, at);
    return at;
  }

  /** On the same control, or on the row that stands there now. @param {HTMLElement} focused @param {number} place */
  #keepFocus(focused, place) {
    if (this.contains(focused)) focused.focus({ preventScroll: true });
    else this.#view(place)?.element.focus({ preventScroll: true });
  }

  /** @param {number} place */
  #view(place) {
    return this.#views.get(this.#shown[Math.min(Math.max(place, 0), this.#shown.length - 1)]);
  }

  /** @param {string|undefined} key */
  #makeCurrent(key) {
    this.#views.get(this.#current ?? "")?.makeCurrent(false);
    this.#current = key ?? null;
    this.#views.get(this.#current ?? "")?.makeCurrent(true);
  }

  // Its head --------------------------------------------------------------------------------------------------------

  /** @param {string} column */
  #head(column) {
    const head = h("th", { scope: "col", class: column, role: "columnheader" });
    const sort = SORTED_BY[column];
    const button = { type: "button", class: "sort", title: t("sortBy", { column: t(column) }), onclick: () => this.#tell("sort", { sort }) };
    head.append(sort ? h("button", button, t(column)) : t(column));
    if (sort) this.#heads.set(sort, head);
    return head;
  }

  /** @param {Choice} choice @param {ReadonlySet<string>} selected */
  #showHeads(choice, selected) {
    for (const [sort, head] of this.#heads) {
      const order = choice.isDown ? "descending" : "ascending";
      if (sort === choice.sort) head.setAttribute("aria-sort", order);
      else head.removeAttribute("aria-sort");
    }
    const count = this.#shown.filter((key) => selected.has(key)).length;
    this.#every.checked = count > 0 && count === this.#shown.length;
    this.#every.indeterminate = count > 0 && count < this.#shown.length;
  }

  // What is done on it ----------------------------------------------------------------------------------------------

  /** @param {any} event */
  #clicked(event) {
    const box = event.target.closest("input[type=checkbox]");
    const key = event.target.closest("tr").dataset.key;
    if (box) this.#tell("select", { key, isRange: event.shiftKey });
  }

  /** @param {HTMLElement} target */
  #came(target) {
    this.#makeCurrent(target.closest("tr")?.dataset.key);
  }

  /** @param {any} event */
  #pressed(event) {
    const key = event.target.closest("tr").dataset.key;
    if (event.key in STEPS && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#step(key, STEPS[event.key], event.shiftKey);
    } else if (event.key === " " && event.target.tagName === "TR" && this.offersControls) {
      event.preventDefault();
      this.#tell("select", { key, isRange: event.shiftKey });
    }
  }

  /** @param {string} key @param {number} step @param {boolean} isRange */
  #step(key, step, isRange) {
    const place = this.#shown.indexOf(key);
    if (place === 0 && step === STEPS.ArrowUp && !isRange) return this.#tell("above");
    const view = this.#view(place + step);
    if (!view) return;
    view.element.focus();
    if (isRange && this.offersControls) this.#tell("select", { key: view.key, isRange, from: key });
  }

  /** @param {string} type @param {object} detail */
  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

customElements.define("conf-roster", Roster);
