/** The overview of the keyboard. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { KEYS, singleKeys } from "../keyboard.js";
import { openDialog } from "./dialog.js";

export function showKeys() {
  const change = (/** @type {any} */ { target }) => (singleKeys.areOn = target.checked);
  const box = h("input", { type: "checkbox", ".checked": singleKeys.areOn, onchange: change });
  const rows = KEYS.map(([keys, word]) => h("div", {}, h("dt", {}, ...keys.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, t(word))));
  openDialog(t("keyboardHelp"), { class: "keys" }, h("dl", {}, ...rows), h("label", { class: "check-line" }, box, t("keysOn")));
}
