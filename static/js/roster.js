/** The roster as a table: one row a participant, changed in place, in the order they were put on it. */

import { h } from "./dom.js";
import { clock, t } from "./i18n.js";

const COLUMNS = ["who", "phone", "progress", "microphone", "since", "actions"];

export class Roster extends HTMLElement {
  /** Set before it is shown. */
  offersControls = true;
  #rows = new Map();
  #body = h("tbody");

  connectedCallback() {
    const columns = COLUMNS.filter((column) => column !== "actions" || this.offersControls);
    const heads = columns.map((column) => h("th", { scope: "col", class: column }, t(column)));
    this.replaceChildren(h("table", {}, h("thead", {}, h("tr", {}, ...heads)), this.#body));
  }

  /**
   * @param {import("./conference.js").State} state
   * @param {boolean} isUsable controls work only then
   * @param {boolean} isLive otherwise the roster is what was known last
   */
  show(state, isUsable, isLive) {
    const isWaiting = state.conference?.state === "scheduled";
    for (const row of state.participants.values()) this.#show(row, isUsable, isWaiting);
    for (const [key, { element }] of this.#rows) {
      if (state.participants.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    this.hidden = state.participants.size === 0;
    this.classList.toggle("frozen", !isLive);
  }

  /** The focus stays on the button that has it, or on what has come in its place. */
  #show(row, isUsable, isWaiting) {
    const shown = this.#rows.get(row.key);
    if (shown?.row === row && shown.isUsable === isUsable && shown.isWaiting === isWaiting) return;
    const element = shown?.element ?? this.#body.appendChild(h("tr", { "data-key": row.key, tabindex: "-1" }));
    const focused = [...element.querySelectorAll("button")].indexOf(document.activeElement);
    element.dataset.progress = row.progress;
    element.dataset.muted = row.muted;
    element.replaceChildren(...this.#cells(row, isUsable, isWaiting));
    if (focused >= 0) (element.querySelectorAll("button")[focused] ?? element).focus();
    this.#rows.set(row.key, { row, isUsable, isWaiting, element });
  }

  #cells(row, isUsable, isWaiting) {
    const since = row.leftAt ?? row.joinedAt;
    return [
      h("td", {}, row.name || (row.unidentified ? t("unidentified") : row.id) || "—"),
      h("td", { class: "number" }, row.number || "—"),
      h("td", { class: "progress" }, isWaiting && row.progress === "queued" ? t("waiting") : progress(row)),
      h("td", { class: "microphone" }, microphone(row)),
      h("td", { class: "since" }, since ? clock(since) : ""),
      ...(this.offersControls ? [h("td", { class: "actions" }, ...this.#actions(row, isUsable))] : []),
    ];
  }

  #actions(row, isUsable) {
    if (row.progress !== "joined" || !row.callid) return [];
    const isIdle = isUsable && row.pending === null;
    const tell = (operation) => new CustomEvent("control", { detail: { operation, callid: row.callid } });
    const button = (word, operation, look) =>
      h("button", {
        type: "button", class: look, "aria-disabled": String(!isIdle), "data-operation": operation,
        "aria-label": `${t(word)} ${row.name || row.number}`,
        onclick: () => isIdle && this.dispatchEvent(tell(operation)),
      }, t(word));
    return [
      row.muted ? button("unmute", "unmuteConf") : button("mute", "muteConf"),
      button("kick", "quitConf", "danger"),
    ];
  }
}

function progress(row) {
  if (["invite", "cancel", "kick"].includes(row.pending)) return pending(row);
  const [, words] = row.progress === "failed" ? (row.cause ?? "").split(": ") : [];
  return t(`p_${row.progress}`) + (words ? `: ${words}` : "") + (row.attempt > 1 ? ` (${row.attempt})` : "");
}

function pending(row) {
  return t(`pending_${row.pending}`) + (row.overdue ? ` (${t("overdue")})` : "");
}

function microphone(row) {
  if (row.progress !== "joined") return "";
  if (row.pending === "mute" || row.pending === "unmute") return pending(row);
  return t(row.muted ? "muted" : "open_mic");
}

customElements.define("conf-roster", Roster);
