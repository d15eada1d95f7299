/**
 * Above the roster: whom to see, and what to do to many at once.
 *
 * @import { Act } from "../acts.js"
 * @import { Choice, Filter } from "../choose.js"
 */

import { ACTS, fitting, SETTLING } from "../acts.js";
import { FILTERS } from "../choose.js";
import { h } from "../dom.js";
import { figure, t } from "../i18n.js";
import { me } from "../me.js";
import { icon, ICON_OF } from "./icons.js";
import { menu } from "./menu.js";

/** Those that there is a button for only if there is anybody. */
const SHOWN_IF_ANY = ["muted", "calling", "unidentified"];
/** @type {Record<string, "first"|"only"|"leave">} */
const KEYS_OF_SEARCH = { ArrowDown: "first", Enter: "only", Escape: "leave" };

/**
 * @param {{choose: (change: Partial<Choice>) => void, act: (act: Act) => void, clear: () => void,
 *   everybody: (what: string) => void, invite: () => void, share: () => void, goTo: (whom: "first"|"only") => void}} on
 */
export function toolbar(on) {
  const search = h("input", {
    type: "search", class: "search", placeholder: t("searchShort"), "aria-label": t("search"), "aria-keyshortcuts": "/",
    enterkeyhint: "search",
  });
  search.addEventListener("input", () => on.choose({ text: search.value }));
  search.addEventListener("keydown", pressed);
  const chips = /** @type {Filter[]} */ (Object.keys(FILTERS)).map((filter) => chip(filter));
  const ofMany = /** @type {Act[]} */ (Object.keys(ACTS)).filter((act) => !SETTLING.includes(act));
  const acts = ofMany.map((act) => bulk(act));
  const count = h("span", { class: "count", role: "status" });
  const clear = h("button", { type: "button", class: "quiet", onclick: on.clear }, t("clear"));
  const selection = h("div", { class: "selection", role: "group", "aria-label": t("selection"), hidden: true },
    count, h("div", { class: "selected-acts" }, ...acts.map(({ button }) => button)), clear);
  const error = h("p", { class: "error", role: "alert" });
  const first = { type: "button", class: "primary", "aria-keyshortcuts": "I", onclick: on.invite };
  const invite = h("button", first, icon("plus"), t("invite"));
  const callAll = h("button", { type: "button", onclick: () => on.everybody("callAll") }, icon("phone"), t("callAll"));
  const share = h("button", { type: "button", onclick: on.share }, icon("link"), t("share"));
  const everyone = menu(t("everyone"), groups());
  const roomWide = h("div", { class: "acts" }, invite, callAll, everyone, me.isAtLeast("app") ? share : null);
  const filters = h("div", { class: "chips", role: "group", "aria-label": t("filters") },
    ...chips.map(({ button }) => button));
  const mayControl = me.isAtLeast("moderator");
  const element = h("div", { class: "toolbar" }, h("label", { class: "search-box" }, icon("search"), search),
    mayControl ? roomWide : null, filters, ...(mayControl ? [selection, error] : []));

  /** From what is looked for to whoever is found. @param {KeyboardEvent} event */
  function pressed(event) {
    const does = event.isComposing ? undefined : KEYS_OF_SEARCH[event.key];
    if (!does) return;
    if (does === "leave") return leave(event);
    event.preventDefault();
    on.goTo(does);
  }

  /** First what is looked for, and only then the field. @param {KeyboardEvent} event */
  function leave(event) {
    if (!search.value) return search.blur();
    event.preventDefault();
    search.value = "";
    on.choose({ text: "" });
  }

  /** @param {Filter} filter */
  function chip(filter) {
    const number = h("span", { class: "number" });
    const how = { type: "button", class: "chip", "data-filter": filter, onclick: () => on.choose({ filter }) };
    const button = h("button", how, h("span", {}, t(`f_${filter}`)), number);
    return { filter, button, number };
  }

  /** @param {Act} act */
  function bulk(act) {
    const number = h("span", { class: "number" });
    const look = ["kick", "remove"].includes(act) ? "danger" : "";
    const how = { type: "button", class: look, "data-act": act, onclick: () => on.act(act) };
    const button = h("button", how, icon(ICON_OF[act]), t(act), " ", number);
    return { act, button, number };
  }

  function groups() {
    const item = (/** @type {string} */ what, look = "") => {
      const how = { type: "button", class: look, "data-everybody": what, onclick: () => on.everybody(what) };
      return h("button", how, t(what));
    };
    return [
      {
        title: t("g_microphones"),
        items: [item("muteAll"), item("muteAllBut"), item("muteAllButMe"), item("unmuteAll")],
      },
      { title: t("g_newcomers"), items: [item("modeAll"), item("modeAllBut"), item("modeNone")] },
      { title: t("g_calls"), items: [item("redialAll"), me.isAtLeast("app") ? item("remind") : null] },
      { title: t("g_removal"), items: [item("kickAllBut", "danger"), item("kickAll", "danger")] },
    ];
  }

  /**
   * @param {import("../choose.js").Choice} choice
   * @param {Record<string, number>} counts
   * @param {import("../conference.js").Row[]} selected
   * @param {import("../conference.js").Conference|null} conference
   * @param {number} hidden how many of those selected are not shown
   */
  function show(choice, counts, selected, conference, hidden) {
    if (document.activeElement !== search && search.value !== choice.text) search.value = choice.text;
    for (const { filter, button, number } of chips) {
      button.ariaPressed = String(filter === choice.filter);
      number.textContent = figure(counts[filter]);
      button.dataset.count = String(counts[filter]);
      button.hidden = SHOWN_IF_ANY.includes(filter) && counts[filter] === 0 && filter !== choice.filter;
    }
    showSelection(selected, conference, hidden);
  }

  /**
   * @param {import("../conference.js").Row[]} selected
   * @param {import("../conference.js").Conference|null} conference
   * @param {number} hidden
   */
  function showSelection(selected, conference, hidden) {
    selection.hidden = selected.length === 0;
    if (selection.hidden) return;
    const unseen = hidden ? t("notShown", { count: hidden }) : "";
    count.textContent = t("selected", { count: selected.length }) + unseen;
    for (const { act, button, number } of acts) {
      const fits = fitting(act, selected, conference).length;
      button.hidden = fits === 0;
      number.textContent = fits < selected.length ? figure(fits) : "";
      button.ariaLabel = t("ofSelected", { act: t(act), count: fits });
    }
  }

  /** @param {string} obstacle */
  function wait(obstacle) {
    /** @type {NodeListOf<HTMLButtonElement>} */
    const buttons = element.querySelectorAll(".acts button, .selection button[data-act]");
    for (const button of buttons) {
      button.ariaDisabled = String(obstacle !== "");
      button.title = obstacle && t(obstacle);
    }
  }

  /** @param {Record<string, boolean>} offered what there is anybody for */
  function offer(offered) {
    /** @type {NodeListOf<HTMLButtonElement>} */
    const buttons = element.querySelectorAll("button[data-everybody]");
    for (const button of buttons) button.hidden = offered[button.dataset.everybody ?? ""] === false;
  }

  return { element, search, show, wait, offer, say: (/** @type {string} */ text) => void (error.textContent = text) };
}
