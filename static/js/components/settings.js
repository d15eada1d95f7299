/** Small dialogs about the conference itself: a link to it, and its password. */

import { field, h, values } from "../dom.js";
import { day, say, t } from "../i18n.js";
import { openDialog } from "./dialog.js";

const HOURS = [1, 4, 24];
const HOUR_S = 3600;
/** Whom a link can let in, the least powerful first: whoever may make one at all may make each of them. */
const ROLES = ["listener", "moderator", "owner"];

/** A link that lets one person in. @param {import("../controls.js").Controls} controls @param {string} id of the conference */
export function share(controls, id) {
  const error = h("p", { class: "error", role: "alert" });
  const made = madeLink();
  const may = h("p", { class: "hint", id: "may", role: "status" }, t(`may_${ROLES[0]}`));
  const who = { required: true, pattern: ".*\\S.*", maxlength: 128, autocomplete: "off", autofocus: true };
  const form = h("form", { class: "fields", onsubmit: make, oninput: changed },
    h("fieldset", { "aria-describedby": "may" }, h("legend", {}, t("shareRole")), ...ROLES.map(choice)), may,
    field(t("shareName"), "uid", who),
    h("p", { class: "hint" }, t("shareNameHint")),
    h("label", {}, t("shareTtl"), h("select", { name: "ttl" }, ...HOURS.map(validity))),
    error, made.element,
    h("div", { class: "dialog-foot" },
      h("button", { type: "button", onclick: () => dialog.close() }, t("closeDo")),
      h("button", { class: "primary" }, t("makeLink"))));
  const dialog = openDialog(t("shareTitle"), {}, form);

  /** A link that was made is for what was chosen then. */
  function changed() {
    may.textContent = t(`may_${values(form).role}`);
    made.element.hidden = true;
  }

  /** @param {SubmitEvent} event */
  async function make(event) {
    event.preventDefault();
    const { role, uid, ttl } = values(form);
    error.textContent = "";
    try {
      made.show(await controls.askPlain("createToken", { id, uid, role, ttl: Number(ttl) }), uid, role);
    } catch (reason) {
      error.textContent = say(reason);
    }
  }
}

/** @param {string} role @param {number} index */
function choice(role, index) {
  const radio = h("input", { type: "radio", name: "role", value: role, checked: index === 0 });
  return h("label", { class: "check-line" }, radio, t(`r_${role}`));
}

/** @param {number} count */
function validity(count) {
  return h("option", { value: String(count * HOUR_S) }, t("hours", { count }));
}

/** The whole of it, to be read and copied; and whom it is for, until when, and what it lets them do. */
function madeLink() {
  const link = h("p", { class: "link", translate: "no" });
  const about = h("p", { role: "status" });
  const copied = h("span", { class: "hint", role: "status" });
  const button = h("button", { type: "button", onclick: copy }, t("copy"));
  const element = h("div", { class: "fields made", hidden: true },
    about, link, h("div", { class: "copy" }, button, copied), h("p", { class: "hint" }, t("shareWhy")));

  /** @param {{link: string, expiresAt: string}} token @param {string} uid @param {string} role */
  function show(token, uid, role) {
    link.textContent = token.link;
    copied.textContent = "";
    element.hidden = false;
    about.textContent = t("linkIsFor", { name: uid, role: t(`r_${role}`), time: day(token.expiresAt) });
    button.focus();
  }

  /** Where the browser does not let it be copied it is selected, to be copied by hand. */
  async function copy() {
    const text = link.textContent ?? "";
    const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    copied.textContent = t(isCopied ? "copied" : "copyByHand");
    if (!isCopied) getSelection()?.selectAllChildren(link);
  }

  return { element, show };
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
