/** The overview of the keyboard. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { KEYS, KEYS_OF_ALL, singleKeys } from "../keyboard.js";
import { me } from "../me.js";
import { openDialog } from "./dialog.js";

export function showKeys() {
  const change = (/** @type {any} */ { target }) => (singleKeys.areOn = target.checked);
  const box = h("input", { type: "checkbox", ".checked": singleKeys.areOn, onchange: change });
  const keys = me.isAtLeast("moderator") ? KEYS : KEYS.filter(([, word]) => KEYS_OF_ALL.includes(word));
  const rows = keys.map(([keys, word]) =>
    h("div", {}, h("dt", {}, ...keys.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, t(word))));
  openDialog(t("keyboardHelp"), { class: "keys" }, h("dl", {}, ...rows), h("label", { class: "check-line" }, box, t("keysOn")));
}
