/** The first view: create a conference, or pick one. */

import { conferences } from "./components/conferences.js";
import { field, h, values } from "./dom.js";
import { say, t } from "./i18n.js";
import { me } from "./me.js";

/** @param {import("./connection.js").Connection} connection */
export function lobby(connection) {
  const error = h("p", { class: "error", role: "alert" });
  const yours = conferences(connection);
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

  const who = { required: true, pattern: ".*\\S.*", maxlength: 128 };
  const forget = () => connection.status.state === "live" && (error.textContent = "");
  connection.addEventListener("status", forget);
  const element = h("div", { class: "lobby" },
    h("h1", { class: "unseen" }, t("back")),
    h("section", { class: "card fields yours" }, h("h2", {}, t("yours")), ...yours.elements),
    h("form", { class: "card fields", onsubmit: create },
      h("h2", {}, t("create")),
      field(t("name"), "name", { maxlength: 256 }),
      field(t("you"), "id", { ...who, readonly: me.isKnown, ".value": me.id }),
      field(t("app"), "appid", { ...who, readonly: me.isOfOneApp, ".value": me.app }),
      field(t("when"), "when", { type: "datetime-local" }),
      error, h("button", { class: "primary" }, t("createDo"))),
    h("form", { class: "card fields", onsubmit: open },
      h("h2", {}, t("open")),
      field(t("number"), "number", { required: true, inputmode: "numeric" }),
      h("button", {}, t("openDo"))));
  return {
    element,
    leave() {
      connection.removeEventListener("status", forget);
      yours.leave();
    },
  };
}
