/** The keys of the page: which does what, and when a key is only a letter that somebody types. */

const KEPT_AS = "confhub.keys";

/** What each key wants, by the key as it is written on the board. @type {Record<string, string>} */
const WISHES = {
  "/": "search", "i": "invite", "m": "mute", "shift+m": "muteAll", "u": "unmute", "k": "kick", "r": "redial", "a": "selectAll", "z": "undo", "?": "help",
};

/** As they are shown, with the word for what they do. */
export const KEYS = [
  ["/", "k_search"], ["I", "k_invite"], ["Ctrl Enter", "k_call"], ["M", "k_mute"], ["Shift M", "k_muteAll"], ["U", "k_unmute"], ["K", "k_kick"], ["R", "k_redial"],
  ["A", "k_selectAll"], ["Z", "k_undo"], ["↑ ↓", "k_rows"], ["Space", "k_select"], ["Esc", "k_escape"], ["?", "k_help"],
];

/** Of these words, those of keys that control nothing. */
export const KEYS_OF_ALL = ["k_search", "k_rows", "k_escape", "k_help"];

/**
 * What a press of a key wants, or null; one that is held wants nothing more. Pure.
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean, isComposing?: boolean, repeat?: boolean}} event
 * @param {boolean} isTyping somebody writes text
 */
export function wish(event, isTyping) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (event.key === "Escape") return "escape";
  if (isTyping || event.repeat) return null;
  const key = event.key.toLowerCase();
  return WISHES[event.shiftKey && /^[a-z]$/.test(key) ? `shift+${key}` : key] ?? null;
}

/** Whether letters typed there are text: a dialog that was closed has the focus for a moment. @param {Element|null} element */
export function isText(element) {
  if (element?.closest?.("dialog:not([open])")) return false;
  return Boolean(element?.closest?.("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])"));
}

/** Some need single keys for their voice or their hand to be heard otherwise: they can be switched off. */
export const singleKeys = {
  get areOn() {
    return localStorage.getItem(KEPT_AS) !== "off";
  },
  set areOn(isOn) {
    localStorage.setItem(KEPT_AS, isOn ? "on" : "off");
  },
};

/**
 * Until what it returns is called, each key does what it is for.
 * @param {Record<string, () => unknown>} wishes by their names; keys for others do nothing
 * @param {() => boolean} areMeant whether there is anything that keys could be for
 */
export function listenToKeys(wishes, areMeant) {
  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const wanted = wish(event, isText(/** @type {Element} */ (event.target)));
    if (!wanted || !(wanted in wishes) || event.defaultPrevented || !areMeant()) return;
    if (!singleKeys.areOn && wanted !== "escape") return;
    if (wanted !== "escape") event.preventDefault();
    wishes[wanted]();
  }

  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
