/** The page in the user's language: its words, and numbers, times and plurals in their own way. */

import { localeFor } from "./locale.js";
import { refusal, wordOf } from "./refusals.js";
import { en } from "./words/en.js";
import { zh } from "./words/zh.js";

/** @type {Record<string, Record<string, string|Record<string, string>>>} */
const WORDS = { en, zh };
const KEPT_AS = "confhub.language";

let language = localStorage.getItem(KEPT_AS) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
let own = makeOwn();
document.documentElement.lang = tagOfWords();

/** What depends on the language, made once: making a format takes a hundred times as long as using it. */
function makeOwn() {
  const locale = localeFor(language, navigator.languages);
  const time = (/** @type {Intl.DateTimeFormatOptions} */ options) => new Intl.DateTimeFormat(locale, options);
  return {
    plural: new Intl.PluralRules(locale), number: new Intl.NumberFormat(locale),
    collator: new Intl.Collator(locale, { numeric: true, sensitivity: "base" }),
    day: time({ dateStyle: "medium", timeStyle: "short" }), minute: time({ timeStyle: "short" }), clock: time({ timeStyle: "medium" }),
    date: time({ month: "short", day: "numeric" }),
  };
}

/**
 * The text of a key, with {values} filled in; `count` picks its form.
 * @param {string} key @param {Record<string, any>} [values]
 */
export function t(key, values = {}) {
  return parts(key, values).join("");
}

/**
 * The same as a list, in which what is not text, such as an element, stays what it is.
 * @param {string} key @param {Record<string, any>} [values] @returns {any[]}
 */
export function parts(key, values = {}) {
  const fill = (/** @type {string} */ part) => (part.startsWith("{") ? filled(values[part.slice(1, -1)]) : part);
  return formOf(key, values.count).split(/(\{\w+\})/).filter(Boolean).map(fill);
}

/**
 * Where a language has one form for all counts but what is said of one person names them, `one` is for exactly that.
 * @param {string} key @param {number|undefined} count
 */
function formOf(key, count) {
  const text = WORDS[language][key] ?? key;
  if (typeof text === "string") return text;
  return text[count === 1 ? "one" : own.plural.select(count ?? 0)] ?? text.other;
}

/** @param {any} value */
function filled(value) {
  return typeof value === "number" ? own.number.format(value) : (value ?? "");
}

/** A number in the user's own way. @param {number} count */
export function figure(count) {
  return own.number.format(count);
}

/** Whether there is such a word. @param {string} key */
export function has(key) {
  return key in WORDS[language];
}

export function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  own = makeOwn();
  localStorage.setItem(KEPT_AS, language);
  document.documentElement.lang = tagOfWords();
}

function tagOfWords() {
  return language === "zh" ? "zh-CN" : language;
}

/** Two names in the order of the language. @param {string} a @param {string} b */
export function compare(a, b) {
  return own.collator.compare(a, b);
}

/** A day and a time of day in the user's own way. @param {string|Date} at */
export function day(at) {
  return own.day.format(new Date(at));
}

/** A time of day in the user's own way, to the minute. @param {string|Date} at */
export function minute(at) {
  return own.minute.format(new Date(at));
}

/** And to the second. @param {string|Date} at */
export function clock(at) {
  return own.clock.format(new Date(at));
}

/** A day of the year in the user's own way. @param {string|Date} at */
export function date(at) {
  return own.date.format(new Date(at));
}

/** An error in a moderator's words. @param {any} error with a name and a message */
export function say(error) {
  const { statusCode, statusMsg } = error.data ?? {};
  if (statusCode) return t("e_provider_refused", { message: sayRefusal({ words: statusMsg ?? "", code: statusCode }) });
  const key = `e_${error.name}`;
  return t(has(key) ? key : "e_other", { message: error.message.replace(/^the provider refused: /, "") });
}

/** Why something is so: a cause in a moderator's words, or the platform's own. @param {string|null} cause */
export function sayCause(cause) {
  if (!cause) return "";
  const refused = refusal(cause);
  if (refused) return t("c_provider_refused", { message: sayRefusal(refused) });
  return has(`c_${cause}`) ? t(`c_${cause}`) : cause.split(": ").slice(1).join(": ") || cause;
}

/** The platform's words only where nobody knows what its code means. @param {{words: string, code: string}} refused */
function sayRefusal({ words, code }) {
  const word = wordOf(code);
  const said = word ? t(word) : words;
  return said && code ? t("x_coded", { said, code }) : said || code;
}
