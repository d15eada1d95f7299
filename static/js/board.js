/**
 * A conference: its parts put together, and what goes from one to another.
 *
 * @import { Connection } from "./connection.js"
 * @import { Watch } from "./watch.js"
 * @import { Watchers } from "./watchers.js"
 */

import { Activity } from "./components/activity.js";
import { Announcer } from "./components/announcer.js";
import { Attendance } from "./components/attendance.js";
import { banners as makeBanners } from "./components/banners.js";
import { closeDialogs, isDialogOpen } from "./components/dialog.js";
import { head as makeHead } from "./components/head.js";
import { showKeys } from "./components/keys.js";
import { people as makePeople } from "./components/people.js";
import { Toasts } from "./components/toasts.js";
import { Controls } from "./controls.js";
import { h } from "./dom.js";
import { noOftenerThan, onceAFrame } from "./frame.js";
import { say, t } from "./i18n.js";
import { listenToKeys } from "./keyboard.js";
import { removers } from "./log.js";
import { lookAt } from "./look.js";
import { me } from "./me.js";
import { Wishes } from "./wishes.js";

const TICK_MS = 1_000;
const LOG_MS = 400;

/** @param {Connection} connection @param {Watch} watch @param {Watchers} watchers */
export function board(connection, watch, watchers) {
  const mayControl = me.isAtLeast("moderator");
  const look = lookAt(connection, watch);
  const { clock, history } = look;
  const toasts = new Toasts();
  const announcer = new Announcer();
  const activity = new Activity();
  const attendance = new Attendance();
  const controls = new Controls(connection, watch, {
    onRow: (key, text) => roster.say(key, text), onAll: (text) => toolbar.say(text), done: (done) => toasts.say(done),
  });
  const wishes = new Wishes(controls, look, () => roster.current);
  const people = makePeople(look, {
    act: (act) => wishes.act(act), everybody: (what) => (what === "remind" ? wishes.remind() : wishes.everybody(what)),
    invite: () => wishes.invite(), share: () => wishes.share(),
  }, watch.state.seq === 0);
  const { roster, toolbar } = people;
  const banners = makeBanners(mayControl);
  const head = makeHead(watch, { clock, end, password: () => wishes.changePassword(), readPassword: () => wishes.readPassword() });

  const error = h("p", { class: "error", role: "alert" });
  const after = h("section", { class: "panel attendance-panel", hidden: true }, attendance);
  const side = h("aside", { class: "panel log-panel" }, activity);
  const help = h("button", { type: "button", class: "quiet small keys-button", "aria-keyshortcuts": "?", onclick: showKeys }, t("keyboard"), h("kbd", {}, "?"));
  const content = h("div", { class: "content" }, h("div", { class: "main-column" }, people.element, after), side);
  const parts = [head.element, error, content, banners.element, help, toasts, announcer];
  const element = h("div", { class: "console" }, ...parts);

  /** @type {Map<string, string>} who removed whom */
  let by = new Map();
  let hasTried = false;

  // What is shown ---------------------------------------------------------------------------------------------------

  const draw = onceAFrame(show);
  const drawLog = noOftenerThan(LOG_MS, showLog);
  const isLive = () => watch.status.state === "live";
  const said = () => ({ obstacle: controls.obstacle, removers: by, now: () => clock.now() });

  function show() {
    if (watch.error) return lose();
    const isOver = watch.state.conference?.state === "ended";
    clock.run(isLive());
    element.classList.toggle("frozen", !isLive());
    head.show(controls.obstacle);
    banners.show(watch.state, isLive());
    people.element.hidden = help.hidden = isOver;
    after.hidden = !isOver;
    if (isOver) showAfter();
    else if (!people.show(watch.state, said())) draw();
  }

  async function showAfter() {
    toasts.clear();
    people.leave(said());
    attendance.show(history, watch.state, hasTried);
    if (hasTried || !isLive()) return;
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
    activity.show(history, watch.state.participants);
  }

  function lose() {
    error.textContent = say(watch.error ?? {});
    head.lose();
    banners.hide();
    content.hidden = help.hidden = true;
  }

  async function end() {
    error.textContent = "";
    error.textContent = await wishes.end();
  }

  function undo() {
    if (!toasts.undo()) controls.done(t("nothingToUndo"));
  }

  // What it listens to ----------------------------------------------------------------------------------------------

  /** @param {any} event */
  function changed({ detail }) {
    if (detail.event) announcer.hear(detail.event);
    const { participant } = detail.event ?? {};
    for (const row of participant ? [participant] : detail.event ? [] : watch.state.participants.values()) toasts.hear(row);
    draw();
  }

  function statusChanged() {
    if (isLive()) becameLive();
    draw();
  }

  function becameLive() {
    clock.set(connection);
    if (history.events.length === 0) history.loadEarlier();
  }

  function tick() {
    if (!isLive()) return;
    roster.tick();
    head.tick();
  }

  /** @param {any} event */
  function selected({ detail: { key, isRange, from } }) {
    if (isRange) look.extend(key, roster.shown, from);
    else look.toggle(key);
  }

  roster.addEventListener("act", (/** @type {any} */ { detail: { act, key } }) => wishes.actOn(act, key));
  roster.addEventListener("sort", (/** @type {any} */ { detail: { sort } }) => look.sortBy(sort));
  roster.addEventListener("select-all", () => look.selectAll(roster.shown));
  roster.addEventListener("select", selected);
  activity.addEventListener("change", showLog);

  const forAll = { search: () => toolbar.search.focus(), help: showKeys };
  const forModerators = {
    invite: () => wishes.invite(), undo, mute: () => wishes.act("mute"), unmute: () => wishes.act("unmute"),
    kick: () => wishes.act("kick"), redial: () => wishes.act("redial"), muteAll: () => wishes.everybody("muteAll"),
    selectAll: () => look.selectAll(roster.shown), escape: () => look.selection.keys.size && people.clear(),
  };
  const areKeysMeant = () => !people.element.hidden && !isDialogOpen();
  const endOfKeys = listenToKeys(mayControl ? { ...forAll, ...forModerators } : forAll, areKeysMeant);
  const showWatchers = () => head.showWatchers(watchers.of(watch.id));
  /** @type {[EventTarget, string, (event: any) => void][]} */
  const heard = [
    [watch, "change", changed], [watch, "status", statusChanged], [watch, "gone", draw], [look, "change", draw],
    [history, "change", drawLog], [watchers, "change", showWatchers],
  ];
  for (const [source, type, listener] of heard) source.addEventListener(type, listener);
  const timer = setInterval(tick, TICK_MS);
  if (isLive()) becameLive();
  show();
  showLog();
  showWatchers();
  return {
    element,
    leave() {
      for (const [source, type, listener] of heard) source.removeEventListener(type, listener);
      endOfKeys();
      clearInterval(timer);
      closeDialogs();
    },
  };
}
