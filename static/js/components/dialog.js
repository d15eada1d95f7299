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
 * Ask what is so, or what is wanted.
 * @template {string} Word
 * @param {{title: string, why?: string[], answers: Word[], isDanger?: boolean, isEasy?: boolean}} about
 *   `answers`: words of i18n.js; `isEasy`: Enter gives the first of them
 * @returns {Promise<Word|null>} null: none of them
 */
export function choose({ title, why = [], answers, isDanger = false, isEasy = false }) {
  return new Promise((resolve) => {
    /** @type {Word|null} */
    let chosen = null;
    const look = isDanger ? "danger solid" : "primary";
    const choice = (/** @type {Word} */ word) =>
      h("button", { type: "button", class: look, "data-answer": word, autofocus: isEasy, onclick: () => close(word) },
        t(word));
    const close = (/** @type {Word|null} */ word) => {
      chosen = word;
      dialog.close();
    };
    const dialog = openDialog(title, { class: "confirmation", onclose: () => resolve(chosen) },
      ...why.map((each) => h("p", { class: "hint" }, each)),
      h("div", { class: "dialog-foot", onkeydown: once },
        h("button", { type: "button", autofocus: !isEasy, onclick: () => close(null) }, t("notNow")),
        ...answers.map(choice)));
  });
}

/**
 * Ask before what touches many, or cannot be taken back (`isDanger`), which Enter alone does not do.
 * @param {{title: string, why?: string[], doIt: string, isDanger?: boolean}} about `doIt`: a word of i18n.js
 */
export async function confirm({ doIt, isDanger = false, ...about }) {
  return (await choose({ ...about, answers: [doIt], isDanger, isEasy: !isDanger })) !== null;
}

/** The press that opened a question is not its answer, however long it is. @param {KeyboardEvent} event */
function once(event) {
  if (event.repeat && event.key === "Enter") event.preventDefault();
}
