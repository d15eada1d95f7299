/** A button that opens a list of others below it. */

import { h } from "../dom.js";
import { icon } from "./icons.js";

/**
 * @param {string} text
 * @param {{title: string, items: (HTMLElement|null)[]}[]} groups
 * @returns {HTMLElement} whose `close` shuts it
 */
export function menu(text, groups) {
  const list = h("div", { class: "menu-list", hidden: true },
    ...groups.filter(({ items }) => items.some(Boolean)).map(({ title, items }) =>
      h("div", { role: "group", "aria-label": title }, h("p", { class: "menu-title", "aria-hidden": "true" }, title), ...items)));
  const button = h("button", { type: "button", "aria-expanded": "false", onclick: () => open(list.hidden) }, text, icon("down"));
  const element = h("div", { class: "menu", onkeydown: pressed, onfocusout: left }, button, list);

  function open(isOpen) {
    list.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) document.addEventListener("pointerdown", outside);
    else document.removeEventListener("pointerdown", outside);
  }

  function outside({ target }) {
    if (!element.contains(target)) open(false);
  }

  function left({ relatedTarget }) {
    if (relatedTarget && !element.contains(relatedTarget)) open(false);
  }

  function pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
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

  function move(step) {
    const items = [...list.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    items[(at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length].focus();
  }

  list.addEventListener("click", () => open(false));
  return element;
}
