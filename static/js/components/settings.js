/** Small dialogs about the conference itself: a link to it, and its password. */

import { field, h, values } from "../dom.js";
import { say, t } from "../i18n.js";
import { openDialog } from "./dialog.js";

const HOURS = [1, 4, 24];
const HOUR_S = 3600;

/** A link that lets one person in. @param {import("../controls.js").Controls} controls @param {string} id of the conference */
export function share(controls, id) {
  const error = h("p", { class: "error", role: "alert" });
  const link = h("input", { name: "link", readonly: true, "aria-label": t("link") });
  const copied = h("span", { class: "hint", role: "status" });
  const made = h("div", { class: "fields made", hidden: true }, h("div", { class: "copy" }, link, h("button", { type: "button", onclick: copy }, t("copy"))), h("p", { class: "hint" }, t("shareWhy")), copied);
  const radio = (/** @type {string} */ role, /** @type {boolean} */ checked) => h("label", { class: "check-line" }, h("input", { type: "radio", name: "role", value: role, checked }), t(`r_${role}`));
  const form = h("form", { class: "fields", onsubmit: make },
    h("fieldset", {}, h("legend", {}, t("shareRole")), radio("moderator", true), radio("listener", false)),
    field(t("shareName"), "uid", { required: true, pattern: ".*\\S.*", maxlength: 128, autocomplete: "off", autofocus: true }),
    h("p", { class: "hint" }, t("shareNameHint")),
    h("label", {}, t("shareTtl"), h("select", { name: "ttl" }, ...HOURS.map((count) => h("option", { value: String(count * HOUR_S) }, t("hours", { count }))))),
    error, made,
    h("div", { class: "dialog-foot" }, h("button", { type: "button", onclick: () => dialog.close() }, t("closeDo")), h("button", { class: "primary" }, t("makeLink"))));
  const dialog = openDialog(t("shareTitle"), {}, form);

  /** @param {SubmitEvent} event */
  async function make(event) {
    event.preventDefault();
    const { role, uid, ttl } = values(form);
    error.textContent = copied.textContent = "";
    try {
      link.value = (await controls.askPlain("createToken", { id, uid, role, ttl: Number(ttl) })).link;
      made.hidden = false;
      link.select();
    } catch (reason) {
      error.textContent = say(reason);
    }
  }

  /** Where the browser does not let it be copied it is selected, to be copied by hand. */
  async function copy() {
    link.select();
    const isCopied = await navigator.clipboard?.writeText(link.value).then(() => true, () => false);
    copied.textContent = isCopied ? t("copied") : "";
  }
}

/** @param {import("../controls.js").Controls} controls @param {string} now @param {(text: string) => void} done */
export function password(controls, now, done) {
  const error = h("p", { class: "error", role: "alert" });
  const form = h("form", { class: "fields", onsubmit: save },
    field(t("passwordLabel"), "pwd", { maxlength: 256, autocomplete: "off", spellcheck: "false", autofocus: true, ".value": now }),
    h("p", { class: "hint" }, t("passwordHint")), error,
    h("div", { class: "dialog-foot" }, h("button", { type: "button", onclick: () => dialog.close() }, t("cancelDo")), h("button", { class: "primary" }, t("save"))));
  const dialog = openDialog(t("passwordTitle"), {}, form);

  /** @param {SubmitEvent} event */
  async function save(event) {
    event.preventDefault();
    error.textContent = "";
    try {
      await controls.ask("pwdConf", { pwd: values(form).pwd });
      dialog.close();
      done(t("passwordSaved"));
    } catch (reason) {
      error.textContent = say(reason);
    }
  }
}
