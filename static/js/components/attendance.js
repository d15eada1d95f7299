/**
 * Who was in a conference that has ended, to look at, to print, and to take away.
 *
 * @import { Call } from "../attendance.js"
 * @import { Conference, Event as HubEvent, Row } from "../conference.js"
 */

import { attendance, summary } from "../attendance.js";
import { csv } from "../csv.js";
import { h } from "../dom.js";
import { clock, sayCause, t } from "../i18n.js";
import { entries } from "../log.js";
import { me } from "../me.js";
import { span } from "../timing.js";
import { doer, resultOf } from "./activity.js";

const COLUMNS = ["who", "phone", "joinedAt", "leftAt", "duration", "outcome"];

export class Attendance extends HTMLElement {
  #body = h("tbody", { role: "rowgroup" });
  #summary = h("p", { class: "hint" });
  #incomplete = h("p", { class: "hint warn", hidden: true }, t("notWhole"));
  /** @type {Call[]} */
  #calls = [];
  /** @type {HubEvent[]} */
  #events = [];
  /** @type {Conference|null} */
  #conference = null;

  connectedCallback() {
    if (this.hasChildNodes()) return;
    const heads = COLUMNS.map((column) => h("th", { scope: "col", class: column, role: "columnheader" }, t(column)));
    const button = (/** @type {string} */ word, /** @type {() => void} */ onclick) => h("button", { type: "button", onclick }, t(word));
    const take = h("div", { class: "acts" }, button("download", () => this.#download()), button("downloadLog", () => this.#downloadLog()), button("print", () => print()));
    this.append(h("div", { class: "panel-head" }, h("div", {}, h("h2", {}, t("attendance")), this.#summary, this.#incomplete), me.isAtLeast("moderator") ? take : null),
      h("table", { role: "table", "aria-label": t("attendance"), class: "attendance" }, h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...heads)), this.#body));
  }

  /** @param {import("../history.js").History} history @param {import("../conference.js").State} state @param {boolean} hasTried */
  show({ events, isWhole }, { conference, participants }, hasTried) {
    this.#conference = conference;
    this.#events = events;
    this.#calls = attendance(events, participants.values());
    const { people, inside, seconds } = summary(this.#calls);
    this.#summary.textContent = isWhole || hasTried ? t("attended", { people, inside, time: span(seconds) }) : t("reading");
    this.#incomplete.hidden = isWhole || !hasTried;
    this.#body.replaceChildren(...this.#calls.map(rowOf));
  }

  #download() {
    const title = ["who", "phone", "joinedAt", "leftAt", "duration", "outcome"].map((column) => t(column));
    const rows = this.#calls.map((call) => [nameOf(call), call.number, local(call.joinedAt), local(call.leftAt), call.duration === null ? "" : span(call.duration), outcome(call)]);
    save(csv([title, ...rows]), this.#fileName("attendanceOf"));
  }

  #downloadLog() {
    const title = ["time", "actor", "what", "who", "result"].map((column) => t(column));
    const rows = entries(this.#events).map((entry) => [local(entry.at), doer(entry), t(entry.key, { person: entry.person ? nameOf(entry.person) : "" }),
      entry.person ? nameOf(entry.person) : "", resultOf(entry)]);
    save(csv([title, ...rows]), this.#fileName("logFile"));
  }

  /** @param {string} word */
  #fileName(word) {
    const { id, name, startedAt, ctime } = this.#conference ?? {};
    const day = (startedAt ?? ctime ?? "").slice(0, 10);
    return `${[name || id, day, t(word)].filter(Boolean).join(" ")}`.replace(/[\\/:*?"<>|\p{Cc}]/gu, "_").slice(0, 120) + ".csv";
  }
}

/** @param {Call} call */
function rowOf(call) {
  const at = (/** @type {string|null} */ time) => (time ? clock(time) : "");
  const cell = (/** @type {string} */ look, /** @type {(Node|string|null)[]} */ ...what) => h("td", { class: look, role: "cell" }, ...what);
  return h("tr", { role: "row", "data-key": call.key, "data-progress": call.progress },
    cell("who", h("bdi", { class: "name" }, nameOf(call)), call.role === "moderator" ? h("span", { class: "tag" }, t("moderator")) : null),
    cell("number", h("bdi", {}, call.number || "—")), cell("at in", at(call.joinedAt)), cell("at out", at(call.leftAt)),
    cell("duration", call.duration === null ? "" : span(call.duration)), cell("state", h("span", { class: "progress" }, outcome(call))));
}

/** @param {Row} row */
function nameOf({ name, number, id, unidentified }) {
  return name || (unidentified ? t("unidentified") : id || number || "—");
}

/** @param {Call} call */
function outcome({ progress, cause, remover }) {
  if (progress === "added") return t("notCalled");
  if (progress === "kicked" && remover) return t("kickedBy", { name: remover });
  const why = cause === progress ? "" : sayCause(cause);
  return t(`p_${progress}`) + (why && (progress === "left" || progress === "failed") ? ` (${why})` : "");
}

/** As a spreadsheet takes it for a time, in the time of whoever downloads it. @param {string|null} at */
function local(at) {
  if (!at) return "";
  const time = new Date(at);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace("T", " ");
}

/** @param {string} text @param {string} name */
function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url));
}

customElements.define("conf-attendance", Attendance);
