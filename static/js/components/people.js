/**
 * Those who are on the roster: the toolbar, the table, and what stands there while nobody is.
 *
 * @import { Conference, Row, State } from "../conference.js"
 * @import { Look } from "../look.js"
 * @import { Context } from "./row.js"
 */

import { choose, counts, everybody } from "../choose.js";
import { h } from "../dom.js";
import { offered } from "../everybody.js";
import { compare, t } from "../i18n.js";
import { me } from "../me.js";
import { nobody } from "../selection.js";
import { Roster } from "./roster.js";
import { toolbar as makeToolbar } from "./toolbar.js";

/**
 * @param {Look} look
 * @param {{act: (act: any) => void, everybody: (what: string) => void, invite: () => void, share: () => void}} on what is wanted
 * @param {boolean} isNew nobody has been shown yet
 */
export function people(look, on, isNew) {
  const mayControl = me.isAtLeast("moderator");
  const roster = new Roster();
  roster.offersControls = mayControl;
  const toolbar = makeToolbar({ choose: (change) => look.choose(change), clear, goTo, ...on });
  const start = h("button", { type: "button", class: "primary", onclick: on.invite }, t("invite"));
  const emptyWhy = h("p", { class: "hint" });
  const empty = mayControl
    ? h("div", { class: "empty-roster" }, h("h2", {}, t("emptyRoster")), emptyWhy, start)
    : h("p", { class: "empty" }, t("emptyToListener"));
  const nobodyFits = h("div", { class: "empty-roster" }, h("p", { class: "hint", role: "status" }, t("emptyChoice")),
    h("button", { type: "button", onclick: showEverybody }, t("clearFilter")));
  const element = h("section", { class: "panel roster-panel" }, toolbar.element, roster, empty, nobodyFits);
  let isFocused = !isNew;
  /** Draws the same again. */
  let redraw = () => {};
  /** @type {Context|null} */
  let context = null;

  /** @param {State} state @param {Omit<Context, "conference">} said @returns {boolean} whether everybody is shown by now */
  function show(state, said) {
    const { conference, participants } = state;
    redraw = () => show(state, said);
    const rows = [...participants.values()];
    look.keep(participants);
    const chosen = choose(rows, look.choice, compare);
    const isWhole = roster.show(chosen, contextOf(conference, said), look.selection.keys, look.choice);
    roster.forget(participants);
    roster.hidden = chosen.length === 0;
    empty.hidden = rows.length > 0 || !conference;
    nobodyFits.hidden = rows.length === 0 || chosen.length > 0;
    showToolbar(rows, chosen, conference, said.obstacle);
    focusFirst(rows, conference);
    return isWhole;
  }

  /** @param {Row[]} rows @param {Row[]} chosen @param {Conference|null} conference @param {string} obstacle */
  function showToolbar(rows, chosen, conference, obstacle) {
    const isSelected = (/** @type {Row} */ { key }) => look.selection.keys.has(key);
    const selected = rows.filter(isSelected);
    toolbar.element.hidden = rows.length === 0;
    emptyWhy.textContent = t(conference?.state === "scheduled" ? "emptyReserved" : "emptyRosterWhy");
    toolbar.show(look.choice, counts(rows), selected, conference, selected.length - chosen.filter(isSelected).length);
    toolbar.offer(offered(rows, conference, me.id));
    toolbar.wait(obstacle);
    start.setAttribute("aria-disabled", String(obstacle !== ""));
    start.title = obstacle && t(obstacle);
  }

  /** Whoever opens an empty conference wants to invite. @param {Row[]} rows @param {Conference|null} conference */
  function focusFirst(rows, conference) {
    if (isFocused || !conference) return;
    isFocused = true;
    if (mayControl && rows.length === 0 && document.activeElement === document.body) start.focus();
  }

  /**
   * The same object for as long as it says the same: then rows need not be looked at.
   * @param {Conference|null} conference @param {Omit<Context, "conference">} said
   */
  function contextOf(conference, { obstacle, removers, now }) {
    if (context?.conference === conference && context.obstacle === obstacle && context.removers === removers) return context;
    return (context = { conference, obstacle, removers, now });
  }

  /** They are no longer the ones to look at. @param {Omit<Context, "conference">} said */
  function leave(said) {
    roster.show([], contextOf(null, said), nobody.keys, everybody);
    roster.forget(nobody.keys);
  }

  /** The focus goes where the moderator was. */
  function clear() {
    look.clear();
    /** @type {HTMLElement|null} */
    const current = roster.querySelector("tr[tabindex='0']");
    (current ?? toolbar.search).focus();
  }

  function showEverybody() {
    look.choose({ text: everybody.text, filter: everybody.filter });
    redraw();
    toolbar.search.focus();
  }

  /** From the search to whom it has found: by then what was typed last is drawn. @param {"first"|"only"} whom */
  function goTo(whom) {
    redraw();
    if (whom === "first" || roster.shown.length === 1) roster.goTo(roster.shown[0]);
  }

  roster.addEventListener("above", () => toolbar.search.focus());
  return { element, roster, toolbar, show, leave, clear };
}
