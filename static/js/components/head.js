/**
 * What stands above the roster: which conference this is, how long it goes on, who moderates it, and its end.
 *
 * @typedef {import("../conference.js").Conference} Conference
 */

import { h } from "../dom.js";
import { day, minute, sayCause, t } from "../i18n.js";
import { me } from "../me.js";
import { isInside } from "../progress.js";
import { isSameDay, since, span, zoneAt, zoneName } from "../timing.js";
import { nameWatchers } from "../watchers.js";
import { names } from "./names.js";

const HIDDEN = "••••••";

/**
 * @param {import("../watch.js").Watch} watch
 * @param {{clock: import("../timing.js").HubClock, end: () => void, password: () => void,
 *   readPassword: () => Promise<string>}} its
 */
export function head(watch, { clock, end, password, readPassword }) {
  const mayControl = me.isAtLeast("moderator");
  const mayEnd = me.isAtLeast("owner");
  const name = h("h1");
  const state = h("span", { class: "pill" });
  const runs = h("span", { class: "runs", role: "timer" });
  const facts = h("dl", { class: "facts" });
  const moderators = names();
  const people = h("dl", { class: "facts people", hidden: true }, fact("moderatorsInside", ...moderators.elements));
  const watching = h("div", { class: "watching", hidden: true });
  const endButton = h("button", { type: "button", class: "danger", id: "end", onclick: end }, t("end"));
  const secret = h("bdi", { class: "secret" }, HIDDEN);
  const reveal = h("button", { type: "button", class: "quiet small", onclick: toggleSecret }, t("reveal"));
  const change = h("button", { type: "button", class: "quiet small", onclick: password });
  const element = h("header", { class: "head" },
    me.conference ? null : h("a", { class: "back", href: "#" }, h("span", { "aria-hidden": "true" }, "‹ "), t("back")),
    mayEnd ? endButton : null,
    h("div", { class: "title" },
      h("div", { class: "name-line" }, name, state, runs), h("div", { class: "about" }, facts, people, watching)));
  /** @type {Conference|null} */
  let shown = null;
  let named = "";

  async function toggleSecret() {
    if (secret.textContent !== HIDDEN) return conceal();
    secret.textContent = await readPassword();
    reveal.textContent = t("conceal");
  }

  function conceal() {
    secret.textContent = HIDDEN;
    reveal.textContent = t("reveal");
  }

  /** @param {string} obstacle */
  function show(obstacle) {
    const { conference, participants } = watch.state;
    endButton.setAttribute("aria-disabled", String(obstacle !== ""));
    endButton.title = obstacle && t(obstacle);
    for (const button of [reveal, change]) button.setAttribute("aria-disabled", String(obstacle === "why_offline"));
    showModerators([...participants.values()]);
    if (conference === shown && conference) return;
    shown = conference;
    name.replaceChildren(h("bdi", {}, conference?.name || watch.id));
    state.textContent = conference ? t(`s_${conference.state}`) : "";
    state.dataset.state = conference?.state ?? "";
    change.textContent = t(conference?.hasPwd ? "change" : "setPassword");
    change.hidden = !mayEnd || conference?.state === "ended";
    endButton.hidden = conference?.state === "ended";
    conceal();
    facts.replaceChildren(...(conference ? describe(conference) : []));
    tick();
  }

  /** How long it goes on. */
  function tick() {
    const { startedAt = null, state = "" } = watch.state.conference ?? {};
    const text = startedAt && state !== "ended" ? span(since(startedAt, clock.now())) : "";
    if (runs.textContent !== text) runs.textContent = text;
    runs.title = t("runs");
  }

  /** @param {Conference} conference */
  function describe(conference) {
    if (conference.state === "ended") return describeEnded(conference);
    const at = conference.state === "scheduled"
      ? fact("starts", conference.startsAt ? day(conference.startsAt) : "—")
      : fact("started", conference.startedAt ? day(conference.startedAt) : "—");
    return [fact("conferenceNumber", conference.id), fact("vid", conference.vid), at, ...passwordFact(conference)];
  }

  /** @param {Conference} conference */
  function passwordFact({ hasPwd }) {
    if (!hasPwd) return mayEnd ? [fact("password", t("noPassword"), change)] : [];
    if (!mayControl) return [fact("password", t("hasPwd"))];
    return [fact("password", secret, reveal, change, h("span", { class: "hint" }, t("hasPwd")))];
  }

  /** @param {import("../conference.js").Row[]} rows */
  function showModerators(rows) {
    const inside = rows.filter((row) => row.role === "moderator" && isInside(row));
    const text = JSON.stringify(inside.map((row) => row.name || row.number || row.id));
    if (text === named) return;
    named = text;
    moderators.show(JSON.parse(text));
    people.hidden = inside.length === 0;
  }

  /** @param {import("../watchers.js").Present} watchers */
  function showWatchers(watchers) {
    watching.replaceChildren(...nameWatchers(watchers));
    watching.hidden = !watching.hasChildNodes();
  }

  /** There is no such conference. */
  function lose() {
    name.textContent = watch.id;
    for (const part of [state, runs, facts, watching]) part.replaceChildren();
    people.hidden = true;
    endButton.hidden = true;
  }

  return { element, show, tick, showWatchers, lose };
}

/** What somebody who was not there, or has it on paper, wants to know. @param {Conference} conference */
function describeEnded({ id, startedAt, endedAt, ctime, cause }) {
  const zone = fact("zone", zoneName(zoneAt(startedAt ?? ctime)));
  const number = fact("conferenceNumber", id);
  const why = h("span", { class: "hint" }, sayCause(cause));
  if (!startedAt || !endedAt) return [number, fact("created", day(ctime)), fact("started", "—", why), zone];
  const lasted = span(since(startedAt, Date.parse(endedAt)));
  const ended = (isSameDay(startedAt, endedAt) ? minute : day)(endedAt);
  return [number, fact("started", day(startedAt)), fact("endedAt", ended, why), fact("lasted", lasted), zone];
}

/** @param {string} word @param {...(Node|string)} what */
function fact(word, ...what) {
  return h("div", { "data-fact": word }, h("dt", {}, t(word)), h("dd", {}, ...what));
}
