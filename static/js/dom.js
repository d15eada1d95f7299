/**
 * What an element is made with. The event of a listener is of the kind that its name says.
 * @typedef {{[name: `on${string}`]: (event: any) => unknown, [name: string]: any}} Attributes
 */

/**
 * An element with attributes, listeners (`onclick`), properties (`.value`) and children; text is always text.
 * @template {string} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Node|string|null)} children
 * @returns {Tag extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Tag] : HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  /** @type {HTMLElement & Record<string, any>} */
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith(".")) element[name.slice(1)] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return /** @type {any} */ (element);
}

/** A label with its input. @param {string} text @param {string} name @param {Attributes} [attributes] */
export function field(text, name, attributes = {}) {
  return h("label", {}, text, h(attributes.rows ? "textarea" : "input", { name, ...attributes }));
}

/** What a form's fields hold, by name. @param {HTMLFormElement} form @returns {Record<string, string>} */
export function values(form) {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}
