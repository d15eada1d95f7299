/** A button that opens a list of others below it. */

import { h } from "../dom.js";
import { icon } from "./icons.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/**
 * @param {string} text
 * @param {{title: string, items: (HTMLElement|null)[]}[]} groups
 * @returns {HTMLElement} whose `close` shuts it
 */
export function menu(text, groups) {
  const list = h("div", { class: "menu-list", hidden: true },
    ...groups.filter(({ items }) => items.some(Boolean)).map(({ title, items }) =>
      h("div", { role: "group", "aria-label": title }, h("p", { class: "menu-title", "aria-hidden": "true" }, title), ...items)));
  const button = h("button", { type: "button", "aria-expanded": "false", onclick: () => open(Boolean(list.hidden)) }, text, icon("down"));
  const element = h("div", { class: "menu", onkeydown: pressed, onfocusout: left }, button, list);

  /** @param {boolean} isOpen */
  function open(isOpen) {
    list.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) document.addEventListener("pointerdown", outside);
    else document.removeEventListener("pointerdown", outside);
  }

  /** @param {Event} event */
  function outside({ target }) {
    if (!element.contains(/** @type {Node} */ (target))) open(false);
  }

  /** @param {FocusEvent} event */
  function left({ relatedTarget }) {
    if (relatedTarget && !element.contains(/** @type {Node} */ (relatedTarget))) open(false);
  }

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const step = STEPS[event.key];
    if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      open(false);
      button.focus();
    } else if (step) {
      event.preventDefault();
      open(true);
      move(step);
    }
  }

  /** @param {number} step */
  function move(step) {
    const items = [...list.querySelectorAll("button")];
    const at = items.findIndex((item) => item === document.activeElement);
    items[(at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length].focus();
  }

  list.addEventListener("click", () => open(false));
  return element;
}
