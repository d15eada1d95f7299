/**
 * Who was in a conference that has ended, to look at, to print, and to take away.
 *
 * @import { Call } from "../attendance.js"
 * @import { Conference, Event as HubEvent, Row } from "../conference.js"
 */

import { attendance, summary } from "../attendance.js";
import { csv } from "../csv.js";
import { h } from "../dom.js";
import { clock, date, has, sayCause, t } from "../i18n.js";
import { entries } from "../log.js";
import { me } from "../me.js";
import { fullSpan, isSameDay, span, written, zoneAt, zoneName } from "../timing.js";
import { doer, resultOf } from "./activity.js";

const COLUMNS = ["who", "phone", "joinedAt", "leftAt", "duration", "outcome"];

export class Attendance extends HTMLElement {
  #body = h("tbody", { role: "rowgroup" });
  #table = h("table", { role: "table", "aria-label": t("attendance"), class: "attendance" });
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
    const title = h("div", {}, h("h2", {}, t("attendance")), this.#summary, this.#incomplete);
    this.#table.append(h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...heads)), this.#body);
    this.append(h("div", { class: "panel-head" }, title, me.isAtLeast("moderator") ? this.#ways() : null), this.#table);
  }

  /** To take it away. */
  #ways() {
    const button = (/** @type {string} */ word, /** @type {() => void} */ onclick) =>
      h("button", { type: "button", onclick }, t(word));
    return h("div", { class: "acts" }, button("download", () => this.#download()),
      button("downloadLog", () => this.#downloadLog()), button("print", () => print()));
  }

  /**
   * @param {import("../history.js").History} history
   * @param {import("../conference.js").State} state
   * @param {boolean} hasTried
   */
  show({ events, isWhole }, { conference, participants }, hasTried) {
    this.#conference = conference;
    this.#events = events;
    this.#calls = attendance(events, participants.values());
    const { seconds, ...counts } = summary(this.#calls);
    const isRead = isWhole || hasTried;
    this.#summary.textContent = isRead ? t("attended", { ...counts, time: span(seconds) }) : t("reading");
    this.#incomplete.hidden = isWhole || !hasTried;
    this.#showCalls();
  }

  /** Each time has its date where they are not all of the day on which it began. */
  #showCalls() {
    const times = this.#calls.flatMap(({ joinedAt, leftAt }) => [joinedAt, leftAt]).filter((at) => at !== null);
    const isDated = times.some((at) => !isSameDay(at, this.#begun));
    this.#table.classList.toggle("dated", isDated);
    this.#body.replaceChildren(...this.#calls.map((call) => rowOf(call, isDated)));
  }

  /** When it began, or was made if it never did. */
  get #begun() {
    return this.#conference?.startedAt ?? this.#conference?.ctime ?? "";
  }

  #download() {
    const zone = zoneAt(this.#begun);
    const at = (/** @type {string|null} */ time) => (time ? written(time, zone) : "");
    const title = [t("who"), t("phone"), inZone("joinedAt", zone), inZone("leftAt", zone), t("duration"), t("outcome")];
    const rows = this.#calls.map((call) => [nameOf(call), call.number, at(call.joinedAt), at(call.leftAt),
      call.duration === null ? "" : fullSpan(call.duration), outcome(call)]);
    save(csv([title, ...rows]), this.#fileName("attendanceOf"));
  }

  #downloadLog() {
    const zone = zoneAt(this.#begun);
    const title = [inZone("time", zone), ...["actor", "what", "whom", "phone", "result"].map((column) => t(column))];
    const rows = entries(this.#events).map((entry) => [written(entry.at, zone), doer(entry), deed(entry),
      entry.person ? nameOf(entry.person) : "", entry.person?.number ?? "", resultOf(entry)]);
    save(csv([title, ...rows]), this.#fileName("logFile"));
  }

  /** @param {string} word */
  #fileName(word) {
    const { id, name } = this.#conference ?? {};
    const day = written(this.#begun, zoneAt(this.#begun)).slice(0, 10);
    return `${[name || id, day, t(word)].join(" ")}`.replace(/[\\/:*?"<>|\p{Cc}]/gu, "_").slice(0, 120) + ".csv";
  }
}

/** @param {Call} call @param {boolean} isDated */
function rowOf(call, isDated) {
  const at = (/** @type {string|null} */ time) => time && (isDated ? `${date(time)} ${clock(time)}` : clock(time));
  const cell = (/** @type {string} */ look, /** @type {(Node|string|null)[]} */ ...what) =>
    h("td", { class: look, role: "cell" }, ...what);
  const moderates = call.role === "moderator" ? h("span", { class: "tag" }, t("moderator")) : null;
  return h("tr", { role: "row", "data-key": call.key, "data-progress": call.progress },
    cell("who", h("bdi", { class: "name" }, nameOf(call)), moderates),
    cell("number", h("bdi", {}, call.number || "—")), cell("at in", at(call.joinedAt)), cell("at out", at(call.leftAt)),
    cell("duration", call.duration === null ? "" : span(call.duration)),
    cell("state", h("span", { class: "progress" }, outcome(call))));
}

/** @param {Row} row */
function nameOf({ name, number, id, unidentified }) {
  return name || (unidentified ? t("unidentified") : id || number || "—");
}

/** @param {Call} call */
function outcome({ progress, cause, remover }) {
  if (progress === "added") return t("notCalled");
  if (progress === "kicked" && remover) return t("kickedBy", { name: remover });
  const why = ["left", "failed"].includes(progress) && cause !== progress ? sayCause(cause) : "";
  const said = t(`p_${progress}`);
  return why ? t("within", { said, more: why }) : said;
}

/** What was done, where whom it was done to stands beside it. @param {import("../log.js").Entry} entry */
function deed({ key }) {
  const short = key.replace("l_", "w_");
  return t(has(short) ? short : key);
}

/** @param {string} word @param {number} zone in minutes */
function inZone(word, zone) {
  return t("inZone", { word: t(word), zone: zoneName(zone) });
}

/** @param {string} text @param {string} name */
function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url));
}

customElements.define("conf-attendance", Attendance);
