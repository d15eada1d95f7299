/** Dialogs: one at a time, above everything, closed by Escape, and the focus goes back to where it was. */

import { h } from "../dom.js";
import { t } from "../i18n.js";

let lastNumber = 0;

/**
 * @param {string} title
 * @param {{class?: string, onclose?: () => void}} how
 * @param {...(Node|string|null)} children
 * @returns {HTMLDialogElement} open already; it is gone once it is closed
 */
export function openDialog(title, { class: look = "", onclose = () => {} }, ...children) {
  const id = `dialog-${++lastNumber}`;
  const close = h("button", { type: "button", class: "quiet close", "aria-label": t("closeDo"), onclick: () => dialog.close() }, "×");
  const head = h("div", { class: "dialog-head" }, h("h2", { id }, title), close);
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: look, "aria-labelledby": id }, head, ...children));
  dialog.addEventListener("close", () => {
    dialog.remove();
    onclose();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export function isDialogOpen() {
  return document.querySelector("dialog[open]") !== null;
}

/** Nothing of what one view has opened stays above another. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog[open]")) /** @type {HTMLDialogElement} */ (dialog).close();
}

/**
 * Ask before what touches many, or cannot be taken back.
 * @param {{title: string, why?: string, doIt: string, isDanger?: boolean}} about
 * @returns {Promise<boolean>}
 */
export function confirm({ title, why = "", doIt, isDanger = false }) {
  return new Promise((resolve) => {
    let isSure = false;
    const sure = () => {
      isSure = true;
      dialog.close();
    };
    const dialog = openDialog(title, { class: "confirmation", onclose: () => resolve(isSure) },
      why ? h("p", { class: "hint" }, why) : null,
      h("div", { class: "dialog-foot" },
        h("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, t("notNow")),
        h("button", { type: "button", class: isDanger ? "danger solid" : "primary", onclick: sure }, doIt)));
  });
}
