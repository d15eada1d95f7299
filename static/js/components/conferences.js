/**
 * The conferences that somebody created, with their states and how many are inside: asked for anew while somebody looks.
 *
 * @typedef {import("../conference.js").Conference & {counts: {inside: number, people: number}}} Entry
 */

import { write } from "../address.js";
import { h } from "../dom.js";
import { clock, day, say, t } from "../i18n.js";
import { me } from "../me.js";

const EVERY_MS = 10_000;

/** @param {import("../connection.js").Connection} connection */
export function conferences(connection) {
  const list = h("ul", { class: "list" });
  const none = h("p", { class: "empty", hidden: true }, t("none"));
  const doubt = h("p", { class: "hint warn", role: "status", hidden: true });
  /** @type {Map<string, ReturnType<typeof lineOf>>} */
  const lines = new Map();
  /** @type {Date|null} */
  let asOf = null;
  let isAsking = false;

  async function refresh() {
    if (isAsking) return;
    isAsking = true;
    const answer = await connection.call("getUserConfs", { id: me.id, appid: me.app }).catch((reason) => reason);
    isAsking = false;
    if (answer.confs) show(answer.confs.reverse());
    else disown(answer);
  }

  /** @param {Entry[]} entries the newest first */
  function show(entries) {
    asOf = new Date();
    list.classList.remove("stale");
    doubt.hidden = true;
    none.hidden = entries.length > 0;
    list.hidden = !none.hidden;
    arrange(entries.map(drawn));
  }

  /** A line stays where it is, so that no press on it is lost. @param {Entry} entry */
  function drawn(entry) {
    const line = lines.get(entry.id) ?? lineOf(entry.id);
    lines.set(entry.id, line);
    line.show(entry);
    return line.element;
  }

  /** @param {HTMLElement[]} wanted */
  function arrange(wanted) {
    const kept = new Set(wanted);
    for (const element of [...list.children]) if (!kept.has(/** @type {HTMLElement} */ (element))) element.remove();
    let at = list.firstElementChild;
    for (const element of wanted) {
      if (element === at) at = at.nextElementSibling;
      else list.insertBefore(element, at);
    }
  }

  /** What is shown is no longer known to be so. @param {Error} error */
  function disown(error) {
    list.classList.toggle("stale", asOf !== null);
    doubt.hidden = false;
    const why = error.name === "connection_lost" ? t("e_offline") : say(error);
    doubt.textContent = asOf ? t("listAsOf", { time: clock(asOf), why }) : why;
  }

  const ifSeen = () => document.visibilityState === "visible" && refresh();
  const timer = setInterval(ifSeen, EVERY_MS);
  document.addEventListener("visibilitychange", ifSeen);
  connection.addEventListener("status", refresh);
  refresh();
  return {
    elements: [doubt, none, list],
    leave() {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ifSeen);
      connection.removeEventListener("status", refresh);
    },
  };
}

/** @param {string} id */
function lineOf(id) {
  const name = h("bdi", { class: "name" });
  const state = h("span", { class: "pill" });
  const facts = h("span", { class: "hint" });
  const element = h("li", {}, h("a", { href: write(id) }, name, state, facts));

  /** @param {Entry} entry */
  function show(entry) {
    const isActive = entry.state === "active";
    name.textContent = entry.name || id;
    state.textContent = t(`s_${entry.state}`);
    state.dataset.state = entry.state;
    const inside = isActive ? t("insideOf", { inside: entry.counts.inside, people: entry.counts.people }) : "";
    facts.textContent = [id, day(entry.startsAt ?? entry.ctime), inside].filter(Boolean).join(" · ");
  }

  return { element, show };
}
