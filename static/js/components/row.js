/** A row of the roster, as it is drawn: only what is another is touched, so that a press is never lost. */

import { buttonsOn } from "../acts.js";
import { h } from "../dom.js";
import { clock, sayCause, t } from "../i18n.js";
import { call } from "../log.js";
import { HOW_THEY_CAME, isInside } from "../progress.js";
import { since, span } from "../timing.js";
import { ICON_OF, icon } from "./icons.js";

const DANGEROUS = ["kick", "remove"];
const BUSY = ["invite", "cancel", "kick"];
/** @type {Record<string, string>} */
const OPPOSITE = { mute: "unmute", unmute: "mute" };
const SAID_MS = 20_000;

/**
 * @import { Button } from "../acts.js"
 * @typedef {import("../conference.js").Row} Row
 * @typedef {"who"|"number"|"progress"|"microphone"|"since"|"actions"} Cell
 * @typedef {{conference: import("../conference.js").Conference|null, obstacle: string, removers: Map<string, string>,
 *   now: () => number}} Context what a row shows beside itself
 */

export class RowView {
  /** @type {Record<Cell, HTMLElement>} */
  #cells;
  /** @type {HTMLElement|null} */
  #said = null;
  #timer = 0;
  /** @type {Map<Cell, string>} */
  #signatures = new Map();
  /** @type {Row|null} */
  row = null;
  /** @type {Context|null} */
  context = null;

  /** @param {string} key @param {{offersControls: boolean, act: (act: Button, key: string) => void}} roster */
  constructor(key, roster) {
    this.key = key;
    this.roster = roster;
    this.box = roster.offersControls ? h("input", { type: "checkbox", tabindex: "-1" }) : null;
    this.#cells = {
      who: h("td", { class: "who", role: "cell" }), number: h("td", { class: "number", role: "cell" }),
      progress: h("span", { class: "progress" }), microphone: h("td", { class: "microphone", role: "cell" }),
      since: h("td", { class: "since", role: "cell" }), actions: h("td", { class: "actions", role: "cell" }),
    };
    const { who, number, progress, microphone, since: time, actions } = this.#cells;
    this.element = h("tr", { "data-key": key, role: "row", tabindex: "-1" },
      this.box && h("td", { class: "choose", role: "cell" }, h("label", { class: "check" }, this.box)),
      who, number, h("td", { class: "state", role: "cell" }, progress), microphone, time,
      roster.offersControls ? actions : null);
  }

  /** @param {Row} row @param {Context} context @param {boolean} isSelected */
  show(row, context, isSelected) {
    this.row = row;
    this.context = context;
    const { dataset } = this.element;
    const marks = { progress: row.progress, muted: String(row.muted), pending: row.pending ?? "" };
    for (const [name, value] of Object.entries(marks)) if (dataset[name] !== value) dataset[name] = value;
    this.#put("who", [row.name, row.id, row.role, row.unidentified], () => who(row));
    this.#put("number", [row.number], () => [h("bdi", {}, row.number || "—")]);
    this.#put("progress", [row, context.conference?.state, context.removers.get(call(row))], () => progress(row, context));
    this.#put("microphone", [row.progress, row.muted, row.pending, row.overdue, row.cause], () => microphone(row));
    this.select(isSelected);
    this.#showActions(row, context);
    this.tick();
  }

  /** @param {boolean} isSelected */
  select(isSelected) {
    if (!this.box) return;
    this.box.checked = isSelected;
    this.element.toggleAttribute("data-selected", isSelected);
  }

  /** What goes on by itself. */
  tick() {
    const { row, context } = this;
    if (!row || !context) return;
    const text = isInside(row) && row.joinedAt ? span(since(row.joinedAt, context.now())) : row.leftAt ? clock(row.leftAt) : "";
    write(this.#cells.since, text);
    const calling = this.#cells.progress.querySelector(".seconds");
    if (calling && row.dialedAt) write(calling, ` ${Math.max(0, Math.floor(since(row.dialedAt, context.now())))} s`);
  }

  /** An error, where the act was. @param {string} text */
  say(text) {
    clearTimeout(this.#timer);
    this.#said?.remove();
    this.#said = text ? h("p", { class: "error", role: "alert" }, text) : null;
    if (this.#said === null) return;
    this.#cells.progress.after(this.#said);
    this.#timer = setTimeout(() => this.say(""), SAID_MS);
  }

  /** In the order of the tab key only where the moderator is. @param {boolean} isCurrent */
  makeCurrent(isCurrent) {
    this.element.tabIndex = isCurrent ? 0 : -1;
    /** @type {NodeListOf<HTMLButtonElement|HTMLInputElement>} */
    const controls = this.element.querySelectorAll("button, input");
    for (const control of controls) control.tabIndex = isCurrent ? 0 : -1;
  }

  /** @param {Cell} cell @param {unknown[]} values that it shows @param {() => (Node|string)[]} make */
  #put(cell, values, make) {
    const signature = JSON.stringify(values);
    if (this.#signatures.get(cell) === signature) return;
    this.#signatures.set(cell, signature);
    this.#cells[cell].replaceChildren(...make());
  }

  /**
   * Buttons stay for as long as they are for the same. Whoever had the focus has what came in its place, if it does the
   * opposite, or the row.
   * @param {Row} row @param {Context} context
   */
  #showActions(row, context) {
    if (!this.roster.offersControls) return;
    const acts = buttonsOn(row, context.conference);
    const name = row.name || row.number || row.id;
    const focused = /** @type {HTMLElement|null} */ (document.activeElement);
    const lost = focused?.closest?.("tr") === this.element ? focused.dataset.act : undefined;
    this.#put("actions", [acts, name], () => acts.map((act) => this.#button(act, name)));
    this.#unlessIdle(context.obstacle || (row.pending && row.pending !== "invite" && !row.overdue ? `pending_${row.pending}` : ""));
    if (lost && document.activeElement === document.body) this.#focusAfter(lost);
    this.box?.setAttribute("aria-label", t("select", { name }));
  }

  /** @param {Button} act @param {string} name */
  #button(act, name) {
    const mayPress = (/** @type {HTMLElement} */ button) => button.ariaDisabled !== "true" || this.context?.obstacle;
    /** The second press of a double click is for what was there before. @param {any} event */
    const press = ({ currentTarget, detail }) =>
      detail < 2 && mayPress(currentTarget) && this.roster.act(act, this.key);
    return h("button", {
      type: "button", class: `icon-button${DANGEROUS.includes(act) ? " danger" : ""}`, "data-act": act, "data-title": t(act),
      "aria-label": `${t(act)} ${name}`, tabindex: String(this.element.tabIndex), onclick: press,
    }, icon(ICON_OF[act]));
  }

  /** Controls that wait say for what. @param {string} obstacle */
  #unlessIdle(obstacle) {
    for (const button of this.#cells.actions.querySelectorAll("button")) {
      const does = button.dataset.title ?? "";
      const title = obstacle ? `${does} — ${t(obstacle)}` : does;
      if (button.title !== title) button.title = title;
      if (button.ariaDisabled !== String(obstacle !== "")) button.ariaDisabled = String(obstacle !== "");
    }
  }

  /** @param {string} act */
  #focusAfter(act) {
    const wanted = OPPOSITE[act] ?? act;
    /** @type {HTMLElement|null} */
    const button = this.#cells.actions.querySelector(`[data-act="${wanted}"]`);
    (button ?? this.element).focus();
  }
}

/** @param {Row} row */
function who(row) {
  const name = row.name || (row.unidentified ? t("unidentified") : row.id) || "—";
  return [
    h("bdi", { class: "name", title: name.length > 40 ? name : null }, name),
    row.role === "moderator" ? h("span", { class: "tag" }, t("moderator")) : null,
    row.unidentified && row.name ? h("span", { class: "tag warn" }, t("unidentified")) : null,
  ].filter((part) => part !== null);
}

/** @param {Row} row @param {Context} context @returns {(Node|string)[]} */
function progress(row, { conference, removers }) {
  if (row.pending && BUSY.includes(row.pending)) return [h("span", { class: "spinner" }), pending(row)];
  if (conference?.state === "scheduled" && row.progress === "queued") return [t("waiting")];
  const times = row.attempt > 1 ? [h("span", { class: "attempt" }, " · ", t("attempt", { count: row.attempt }))] : [];
  return [word(row, removers.get(call(row))), ...seconds(row), ...times];
}

/** @param {Row} row @param {string|undefined} remover */
function word(row, remover) {
  if (row.progress === "kicked" && remover) return t("kickedBy", { name: remover });
  const why = row.progress === "failed" && row.cause !== row.progress ? sayCause(row.cause) : "";
  const said = t(`p_${row.progress}`);
  return why ? t("because", { said, why }) : said;
}

/** @param {Row} row */
function seconds(row) {
  return row.progress === "dialing" && row.dialedAt ? [h("span", { class: "seconds" })] : [];
}

/** @param {Row} row */
function pending(row) {
  const said = t(`pending_${row.pending}`);
  return row.overdue ? t("within", { said, more: t("overdue") }) : said;
}

/** What is wanted and what is so are two things. @param {Row} row */
function microphone(row) {
  if (!isInside(row)) return [];
  if (row.pending === "mute" || row.pending === "unmute") {
    return [row.overdue ? h("span", { class: "mark" }, "!") : h("span", { class: "spinner" }), h("span", {}, pending(row))];
  }
  const failure = row.cause && !HOW_THEY_CAME.includes(row.cause) && row.pending === null;
  const said = t(row.cause === "outcome_unknown" ? "notKnown" : "notTaken");
  return [
    icon(row.muted ? "micOff" : "mic"), h("span", { class: "word" }, t(row.muted ? "muted" : "open_mic")),
    failure ? h("span", { class: "mark", title: `${said}: ${sayCause(row.cause)}` }, `! ${said}`) : null,
  ].filter((part) => part !== null);
}

/** @param {Element} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
