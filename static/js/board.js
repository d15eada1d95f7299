/**
 * A conference: its parts put together, and what goes from one to another.
 *
 * @import { Act } from "./acts.js"
 * @import { Choice } from "./choose.js"
 * @import { Context } from "./components/row.js"
 * @import { Conference, Row } from "./conference.js"
 * @import { Connection } from "./connection.js"
 * @import { Selection } from "./selection.js"
 * @import { Watch } from "./watch.js"
 * @import { Watchers } from "./watchers.js"
 */

import { choose, counts, everybody } from "./choose.js";
import { Activity } from "./components/activity.js";
import { Announcer } from "./components/announcer.js";
import { Attendance } from "./components/attendance.js";
import { closeDialogs, confirm, isDialogOpen } from "./components/dialog.js";
import { head as makeHead } from "./components/head.js";
import { invite } from "./components/invitation.js";
import { showKeys } from "./components/keys.js";
import { Roster } from "./components/roster.js";
import { password, share } from "./components/settings.js";
import { Toasts } from "./components/toasts.js";
import { toolbar as makeToolbar } from "./components/toolbar.js";
import { Controls } from "./controls.js";
import { h } from "./dom.js";
import { EVERYBODY, numbers, offered } from "./everybody.js";
import { noOftenerThan, onceAFrame } from "./frame.js";
import { History } from "./history.js";
import { compare, day, say, sayCause, t } from "./i18n.js";
import { isText, singleKeys, wish } from "./keyboard.js";
import { removers } from "./log.js";
import { me } from "./me.js";
import { all, among, begun, nobody, range, toggle } from "./selection.js";
import { HubClock } from "./timing.js";

const TICK_MS = 1_000;
const LOG_MS = 400;
const MANY_TAKEN_OFF = 1;

/**
 * What somebody has made of a view, and finds again in the other language.
 * @typedef {{choice: Choice, selection: Selection, draft: {text: string}, history: History, clock: HubClock}} Look
 * @type {WeakMap<Watch, Look>}
 */
const looks = new WeakMap();

/** @param {Connection} connection @param {Watch} watch @returns {Look} */
function lookAt(connection, watch) {
  const look = looks.get(watch) ?? { choice: everybody, selection: nobody, draft: { text: "" }, history: new History(connection, watch), clock: new HubClock() };
  looks.set(watch, look);
  return look;
}

/** @param {Connection} connection @param {Watch} watch @param {Watchers} watchers */
export function board(connection, watch, watchers) {
  const mayControl = me.isAtLeast("moderator");
  const look = lookAt(connection, watch);
  const { clock, history } = look;
  const toasts = new Toasts();
  const announcer = new Announcer();
  const activity = mayControl ? new Activity() : null;
  const attendance = new Attendance();
  const roster = new Roster();
  roster.offersControls = mayControl;
  const head = makeHead(watch, { clock, end, password: changePassword, readPassword });
  const toolbar = makeToolbar({ choose: chooseOther, act: actOnSelection, clear: clearSelection, everybody: doToEverybody, invite: openInvitation, share: openShare });
  const controls = new Controls(connection, watch, {
    onRow: (key, text) => roster.say(key, text), onAll: (text) => toolbar.say(text), done: (text, undo) => toasts.say(text, undo),
  });

  const banner = h("p", { class: "banner", role: "status", hidden: true });
  const mode = h("p", { class: "banner calm", role: "status", hidden: true });
  const error = h("p", { class: "error", role: "alert" });
  const start = h("button", { type: "button", class: "primary", onclick: openInvitation }, t("invite"));
  const empty = mayControl
    ? h("div", { class: "empty-roster" }, h("h2", {}, t("emptyRoster")), h("p", { class: "hint" }, t("emptyRosterWhy")), start)
    : h("p", { class: "empty" }, t("emptyToListener"));
  const nobodyFits = h("p", { class: "empty", role: "status" }, t("emptyChoice"));
  const live = h("section", { class: "panel roster-panel" }, mayControl ? toolbar.element : null, roster, empty, nobodyFits);
  const after = h("section", { class: "panel attendance-panel", hidden: true }, attendance);
  const side = activity && h("aside", { class: "panel log-panel" }, activity);
  const help = mayControl ? h("button", { type: "button", class: "quiet small keys-button", "aria-keyshortcuts": "?", onclick: showKeys }, t("keyboard"), h("kbd", {}, "?")) : null;
  const content = h("div", { class: "content" }, h("div", { class: "main-column" }, live, after), side);
  const element = h("div", { class: "console" }, head.element, banner, mode, error, content, help, toasts, announcer);

  /** @type {Context|null} */
  let context = null;
  /** @type {Row[]} */
  let shownRows = [];
  /** @type {Map<string, string>} */
  let by = new Map();
  let hasTried = false;
  let isFocused = watch.state.seq > 0;

  // What is shown ---------------------------------------------------------------------------------------------------

  const draw = onceAFrame(show);
  const drawLog = noOftenerThan(LOG_MS, showLog);

  function show() {
    if (watch.error) return lose();
    const { conference, participants } = watch.state;
    const obstacle = controls.obstacle;
    const isOver = conference?.state === "ended";
    clock.run(watch.status.state === "live");
    element.classList.toggle("frozen", watch.status.state !== "live");
    head.show(obstacle);
    showBanners(conference);
    live.hidden = isOver;
    after.hidden = !isOver;
    if (help) help.hidden = isOver;
    if (isOver) showAfter();
    else showRoster(conference, [...participants.values()], obstacle);
  }

  /** @param {Conference|null} conference @param {Row[]} rows @param {string} obstacle */
  function showRoster(conference, rows, obstacle) {
    look.selection = among(look.selection, watch.state.participants);
    shownRows = choose(rows, look.choice, compare);
    if (!roster.show(shownRows, contextOf(conference, obstacle), look.selection.keys, look.choice)) draw();
    roster.forget(watch.state.participants);
    roster.hidden = shownRows.length === 0;
    empty.hidden = rows.length > 0 || !conference;
    nobodyFits.hidden = rows.length === 0 || shownRows.length > 0;
    toolbar.element.hidden = rows.length === 0;
    start.setAttribute("aria-disabled", String(obstacle !== ""));
    start.title = obstacle && t(obstacle);
    toolbar.show(look.choice, counts(rows), rows.filter(({ key }) => look.selection.keys.has(key)), conference);
    toolbar.offer(offered(rows, conference, me.id));
    toolbar.wait(obstacle);
    focusFirst(conference, rows);
  }

  /** Whoever opens an empty conference wants to invite. @param {Conference|null} conference @param {Row[]} rows */
  function focusFirst(conference, rows) {
    if (isFocused || !conference) return;
    isFocused = true;
    if (mayControl && rows.length === 0 && document.activeElement === document.body) start.focus();
  }

  /**
   * The same object for as long as it says the same: then rows need not be looked at.
   * @param {Conference|null} conference @param {string} obstacle
   */
  function contextOf(conference, obstacle) {
    if (context?.conference === conference && context.obstacle === obstacle && context.removers === by) return context;
    return (context = { conference, obstacle, removers: by, now: () => clock.now() });
  }

  async function showAfter() {
    toasts.settle();
    roster.show([], contextOf(null, "why_ended"), nobody.keys, everybody);
    roster.forget(nobody.keys);
    attendance.show(history, watch.state, hasTried);
    if (hasTried || watch.status.state !== "live") return;
    await history.loadAll();
    hasTried = true;
    attendance.show(history, watch.state, true);
  }

  function showLog() {
    const now = removers(history.events);
    if (JSON.stringify([...now]) !== JSON.stringify([...by])) {
      by = now;
      draw();
    }
    if (watch.state.conference?.state === "ended") draw();
    activity?.show(history, watch.state.participants);
  }

  /** @param {Conference|null} conference */
  function showBanners(conference) {
    const text = notice(conference);
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = text === "";
    banner.dataset.tone = toneOf(conference);
    const isMuted = conference?.state === "active" && conference.muted !== "none";
    mode.hidden = !isMuted;
    mode.textContent = isMuted ? t(`mode_${conference.muted}`) : "";
  }

  /** What stands above the roster, if anything does. @param {Conference|null} conference */
  function notice(conference) {
    if (watch.status.state !== "live") return t(mayControl ? "frozen" : "frozenToListener");
    if (conference?.state === "ended") return t("ended", { cause: sayCause(conference.cause) });
    if (conference?.pending === "stop") return t("ending");
    if (conference?.uncertain) return t("uncertain", conference.uncertain) + (mayControl ? ` ${t("settleHint")}` : "");
    if (conference?.state !== "scheduled") return "";
    if (conference.cause && conference.cause !== "deleted_by_provider") return t("startFails", { cause: sayCause(conference.cause) });
    return t("waits", { time: conference.startsAt && day(conference.startsAt) });
  }

  /** @param {Conference|null} conference */
  function toneOf(conference) {
    if (watch.status.state !== "live" || !conference) return "warn";
    if (conference.uncertain) return "bad";
    return ["ended", "scheduled"].includes(conference.state) && !conference.pending ? "calm" : "warn";
  }

  function lose() {
    error.textContent = say(watch.error);
    head.lose();
    content.hidden = banner.hidden = mode.hidden = true;
  }

  // What the moderator wants ----------------------------------------------------------------------------------------

  /** @param {Partial<Choice>} change */
  function chooseOther(change) {
    look.choice = { ...look.choice, ...change };
    draw();
  }

  /** @param {Choice["sort"]} sort */
  function sortBy(sort) {
    const { choice } = look;
    if (choice.sort !== sort) chooseOther({ sort, isDown: false });
    else chooseOther(choice.isDown ? { sort: "roster", isDown: false } : { isDown: true });
  }

  /** @param {Selection} selection */
  function select(selection) {
    look.selection = selection;
    draw();
  }

  function clearSelection() {
    select(nobody);
    /** @type {HTMLElement|null} */
    const current = roster.querySelector("tr[tabindex='0']");
    (current ?? toolbar.search).focus();
  }

  /** Those who are selected, or else the one that the moderator is on. */
  function subjects() {
    const { keys } = look.selection;
    return keys.size ? [...keys] : [roster.current].filter((key) => key !== null);
  }

  /** @param {Act} act */
  async function actOnSelection(act) {
    const keys = subjects();
    if (keys.length === 0 || controls.obstacle) return;
    if (act === "remove" && keys.length > MANY_TAKEN_OFF && !(await isSureOfRemoving(keys.length))) return;
    controls.act(act, keys);
  }

  /** @param {number} count */
  function isSureOfRemoving(count) {
    return confirm({ title: t("removeSure", { count }), why: t("removeWhy"), doIt: t("remove"), isDanger: true });
  }

  /** Whoever sets how the conference is is asked only if that touches anybody. @param {string} what */
  async function doToEverybody(what) {
    if (what === "remind") return remind();
    const { whom, operation, params, word, undo, isSetting } = EVERYBODY[what];
    const rows = whom(controls.rows, me.id);
    if (rows.length === 0 && !isSetting) return toasts.say(t("done_nothing"));
    if (rows.length && !(await confirm({ title: t(`${what}Sure`, { count: rows.length }), doIt: t(what), isDanger: word === "kick" }))) return;
    const said = (/** @type {number} */ count) => (isSetting ? t("done_mode") : t(`done_${word}`, { count, name: nameOf(rows) }));
    controls.actOnAll(operation, params(rows), said, (!isSetting && undo) || null);
  }

  async function remind() {
    const to = numbers(controls.rows);
    if (to.length === 0) return toasts.say(t("done_nothing"));
    if (!(await confirm({ title: t("remindSure", { count: to.length }), why: t("remindWhy"), doIt: t("remind") }))) return;
    toolbar.say("");
    try {
      await controls.askPlain("sendNotice", { mps: to.join(",") });
      toasts.say(t("done_remind", { count: to.length }));
    } catch (reason) {
      toolbar.say(say(reason));
    }
  }

  async function end() {
    const { conference } = watch.state;
    if (controls.obstacle || !conference) return;
    const count = counts(controls.rows).in;
    const isSure = await confirm({ title: t("endSure", { name: conference.name || watch.id, count }), why: t("endWhy"), doIt: t("end"), isDanger: true });
    if (!isSure) return;
    error.textContent = "";
    await controls.ask("stopConf").catch((reason) => (error.textContent = say(reason)));
  }

  function openInvitation() {
    if (!controls.obstacle) invite(controls, look.draft, (text) => toasts.say(text));
  }

  function openShare() {
    share(controls, watch.id);
  }

  async function readPassword() {
    const answer = await connection.call("getConf", { id: watch.id }).catch((reason) => reason);
    return answer.pwd ?? say(answer);
  }

  async function changePassword() {
    const { conference } = watch.state;
    if (controls.obstacle || !conference) return;
    password(controls, conference.hasPwd ? await readPassword() : "", (text) => toasts.say(text));
  }

  // The keyboard ----------------------------------------------------------------------------------------------------

  /** @type {Record<string, () => unknown>} */
  const wishes = {
    search: () => toolbar.search.focus(), invite: openInvitation, help: showKeys, undo: () => toasts.undo(),
    mute: () => actOnSelection("mute"), unmute: () => actOnSelection("unmute"), kick: () => actOnSelection("kick"), redial: () => actOnSelection("redial"),
    muteAll: () => doToEverybody("muteAll"), selectAll: () => select(all(look.selection, roster.shown)), escape: () => look.selection.keys.size && clearSelection(),
  };

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const wanted = wish(event, isText(/** @type {Element} */ (event.target)));
    if (!wanted || event.defaultPrevented || isDialogOpen() || !(singleKeys.areOn || wanted === "escape")) return;
    if (live.hidden) return;
    if (wanted !== "escape") event.preventDefault();
    wishes[wanted]();
  }

  // What it listens to ----------------------------------------------------------------------------------------------

  roster.addEventListener("act", (/** @type {any} */ { detail: { act, key } }) => controls.act(act, [key]));
  roster.addEventListener("sort", (/** @type {any} */ { detail: { sort } }) => sortBy(sort));
  roster.addEventListener("select-all", () => select(all(look.selection, roster.shown)));
  roster.addEventListener("select", (/** @type {any} */ { detail: { key, isRange, from } }) =>
    select(isRange ? range(begun(look.selection, from), key, roster.shown) : toggle(look.selection, key)));
  activity?.addEventListener("change", showLog);

  /** @param {any} event */
  function changed({ detail }) {
    if (detail.event) announcer.hear(detail.event);
    draw();
  }

  function statusChanged() {
    if (watch.status.state === "live") becameLive();
    draw();
  }

  function becameLive() {
    clock.set(connection);
    if (activity && history.events.length === 0) history.loadEarlier();
  }

  function tick() {
    if (watch.status.state !== "live") return;
    roster.tick();
    head.tick();
  }

  const showWatchers = () => head.showWatchers(watchers.of(watch.id));
  /** @type {[EventTarget, string, (event: any) => void][]} */
  const heard = [
    [watch, "change", changed], [watch, "status", statusChanged], [watch, "gone", draw], [history, "change", drawLog],
    [watchers, "change", showWatchers], ...(mayControl ? [/** @type {[EventTarget, string, (event: any) => void]} */ ([document, "keydown", pressed])] : []),
  ];
  for (const [source, type, listener] of heard) source.addEventListener(type, listener);
  const timer = setInterval(tick, TICK_MS);
  if (watch.status.state === "live") becameLive();
  show();
  showLog();
  showWatchers();
  return {
    element,
    leave() {
      for (const [source, type, listener] of heard) source.removeEventListener(type, listener);
      clearInterval(timer);
      closeDialogs();
    },
  };
}

/** @param {Row[]} rows */
function nameOf([first]) {
  return first.name || first.number || first.id;
}
