/** The first view: create a conference, or pick one. */

import { write } from "./address.js";
import { field, h, values } from "./dom.js";
import { day, say, t } from "./i18n.js";
import { me } from "./me.js";

/** @param {import("./connection.js").Connection} connection */
export function lobby(connection) {
  const error = h("p", { class: "error", role: "alert" });
  const list = h("ul", { class: "list" });

  let isCreating = false;

  /** @param {any} event */
  async function create(event) {
    event.preventDefault();
    const { name, id, appid, when } = values(event.target);
    const time = when && new Date(when).toISOString();
    if (isCreating) return;
    isCreating = true;
    error.textContent = "";
    try {
      const created = await connection.call("createConf", { id, appid, name, time });
      me.be(id, appid);
      location.hash = created.id;
    } catch (reason) {
      error.textContent = say(reason);
    }
    isCreating = false;
  }

  /** @param {any} event */
  function open(event) {
    event.preventDefault();
    location.hash = encodeURIComponent(values(event.target).number);
  }

  async function refresh() {
    if (connection.status.state === "live") error.textContent = "";
    const answer = await connection.call("getUserConfs", { id: me.id, appid: me.app }).catch((reason) => reason);
    if (!answer.confs) return list.replaceChildren(h("li", { class: "empty" }, say(answer)));
    const entries = answer.confs.reverse().map(entry);
    list.replaceChildren(...(entries.length ? entries : [h("li", { class: "empty" }, t("none"))]));
  }

  const who = { required: true, pattern: ".*\\S.*", maxlength: 128 };
  refresh();
  connection.addEventListener("status", refresh);
  const element = h("div", { class: "columns lobby" },
    h("h1", { class: "unseen" }, t("back")),
    h("form", { class: "card fields", onsubmit: create },
      h("h2", {}, t("create")),
      field(t("name"), "name", { maxlength: 256, autofocus: true }),
      field(t("you"), "id", { ...who, readonly: me.isKnown, ".value": me.id }),
      field(t("app"), "appid", { ...who, readonly: me.isOfOneApp, ".value": me.app }),
      field(t("when"), "when", { type: "datetime-local" }),
      error, h("button", { class: "primary" }, t("createDo"))),
    h("div", { class: "card fields" },
      h("form", { class: "fields", onsubmit: open },
        h("h2", {}, t("open")),
        field(t("number"), "number", { required: true, inputmode: "numeric" }),
        h("button", {}, t("openDo"))),
      h("h2", {}, t("yours")), list));
  return { element, leave: () => connection.removeEventListener("status", refresh) };
}

/**
 * How many are inside is said where the hub tells.
 * @param {import("./conference.js").Conference & {counts?: {inside: number, people: number}}} conference
 */
function entry({ id, name, state, ctime, startsAt, counts }) {
  const people = counts && state === "active" ? t("insideOf", { inside: counts.inside, people: counts.people }) : "";
  const facts = [id, day(startsAt ?? ctime), people].filter(Boolean).join(" · ");
  return h("li", {}, h("a", { href: write(id) }, h("bdi", { class: "name" }, name || id),
    h("span", { class: "pill", "data-state": state }, t(`s_${state}`)), h("span", { class: "hint" }, facts)));
}
