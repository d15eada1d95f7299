/** Names in a line: of many the first few, and the others when somebody wants them, or on paper. */

import { h } from "../dom.js";
import { t } from "../i18n.js";

const SHOWN = 4;

export function names() {
  const list = h("span", { class: "names" });
  const more = h("button", { type: "button", class: "quiet small", onclick: toggle });
  /** @type {string[]} */
  let all = [];
  let isWhole = false;

  function toggle() {
    isWhole = !isWhole;
    draw();
  }

  function draw() {
    const others = all.slice(SHOWN);
    const isHidden = (/** @type {number} */ index) => !isWhole && index >= SHOWN;
    list.replaceChildren(...all.map((name, index) => h("bdi", { class: "name", hidden: isHidden(index) }, name)));
    more.hidden = others.length === 0;
    more.textContent = isWhole ? t("fewer") : t("more", { count: others.length, total: all.length });
    more.title = isWhole ? "" : others.join(", ");
    more.setAttribute("aria-expanded", String(isWhole));
  }

  /** @param {string[]} given */
  function show(given) {
    all = given;
    draw();
  }

  return { elements: [list, more], show };
}
