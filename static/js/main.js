/**
 * Who is let in, which view is shown, and the connection that all of them use.
 *
 * @typedef {{element: HTMLElement, leave: () => void, focus?: () => void}} View
 */

import { read, write } from "./address.js";
import { board } from "./board.js";
import { Connection } from "./connection.js";
import { claims } from "./credential.js";
import { h } from "./dom.js";
import { RpcError } from "./errors.js";
import { whyOut } from "./ending.js";
import { clock, minute, switchLanguage, t } from "./i18n.js";
import { lobby } from "./lobby.js";
import { me } from "./me.js";
import { signIn, signInView } from "./sign-in.js";
import { Watchers } from "./watchers.js";

const READY_MS = 5_000;

const [identity, language, light, notice, signOut, simulated, view, who] = [
  "identity", "language", "light", "notice", "sign-out", "simulated", "view", "who",
].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));
/** @type {Connection|null} null while nobody is let in */
let connection = null;
/** @type {Watchers|null} */
let watchers = null;
/** @type {import("./watch.js").Watch|null} */
let watch = null;
/** @type {View|null} */
let current = null;
/** @type {{word: string, at: string|null}} what stands above the view: a word of i18n.js, and the time that it names */
let noticed = { word: "", at: null };
/** @type {Promise<{asksWho: boolean}>|null} */
let hub = null;

// Coming and going ----------------------------------------------------------------------------------------------------

/** By what a link brings, by what this tab has kept, or as anybody where nobody is asked. */
async function enter() {
  const { id, token, ticket } = read(location.hash);
  if (token !== null || ticket !== null) hideSecret(id);
  hub ??= askHub();
  if (connection && noticed.word !== "expiring") say("");
  const isSomebodyNew = token !== null ? comeByLink(id, token) : ticket !== null && (await redeem(ticket));
  if (connection && !isSomebodyNew) show();
  else if (me.token || !(await hub).asksWho) connect();
  else show();
}

/** First of all: what stands in an address is kept by the browser, seen by bystanders and copied. @param {string} id */
function hideSecret(id) {
  history.replaceState(null, "", id ? write(id) : location.pathname + location.search);
}

/** What it tells anybody. */
async function askHub() {
  const response = fetch("readyz", { signal: AbortSignal.timeout(READY_MS) });
  const answer = await response.then((its) => its.json()).catch(() => null);
  simulated.hidden = !answer?.provider?.simulated;
  return { asksWho: answer?.auth === "keys" };
}

/** True if there is a new token now. @param {string} id @param {string} token */
function comeByLink(id, token) {
  const isWhole = id !== "" && claims(token) !== null;
  say(isWhole ? "" : "linkBroken");
  if (isWhole) me.keep(token, id);
  return isWhole;
}

/** True if there is a new token now. @param {string} ticket */
async function redeem(ticket) {
  if (!connection) view.replaceChildren(h("p", { class: "empty" }, t("signingIn")));
  try {
    me.keep(await signIn({ ticket, uid: "" }));
  } catch (error) {
    say(error instanceof RpcError && ["unauthenticated", "too_many"].includes(error.name) ? "linkUsed" : "linkUnasked");
    return false;
  }
  say("");
  return true;
}

function signedIn() {
  say("");
  connect();
}

function connect() {
  disconnect();
  const own = (connection = new Connection(location.origin, me.token ? { token: me.token, uid: me.isKnown ? "" : me.id } : {}));
  watchers = new Watchers(own);
  own.addEventListener("status", () => own === connection && statusChanged());
  own.addEventListener("signal", (/** @type {any} */ { detail }) => own === connection && told(detail));
  show();
}

function disconnect() {
  const old = connection;
  current?.leave();
  connection = watchers = watch = current = null;
  old?.close();
}

/** @param {string} word */
function leave(word) {
  say(word);
  me.forget();
  disconnect();
  enter();
}

// What the connection tells -------------------------------------------------------------------------------------------

function statusChanged() {
  if (!connection) return;
  const word = whyOut(connection.status, me);
  if (word === "") hub = Promise.resolve({ asksWho: true });
  if (word !== null) leave(word);
  else if (connection.status.state === "offline" && watch?.error) lookAgain();
  else showStatus();
}

/** A hub that comes back may be another one, and have the conference that was not there. */
function lookAgain() {
  watch = null;
  show();
}

/** @param {{type: string, expiresAt: string}} signal */
function told({ type, expiresAt }) {
  if (type === "expiring") say(type, expiresAt);
}

// What is shown -------------------------------------------------------------------------------------------------------

function show() {
  current?.leave();
  current = connection ? follow(connection, idToShow()) : signInView(signedIn);
  view.replaceChildren(current.element);
  current.focus?.();
  language.textContent = t("language");
  simulated.textContent = t("simulated");
  signOut.textContent = t("signOut");
  who.textContent = me.isKnown ? `${me.id} · ${t(`r_${me.role}`)}` : t(`r_${me.role}`);
  identity.hidden = !me.token;
  light.hidden = !connection;
  showNotice();
  showStatus();
}

/** Whoever came by a link is nowhere else. */
function idToShow() {
  const { id } = read(location.hash);
  if (me.conference && id !== me.conference) history.replaceState(null, "", write(me.conference));
  return me.conference ?? id;
}

/** Watch the conference that is shown, and no other. @param {Connection} connection @param {string} id @returns {View} */
function follow(connection, id) {
  if (id !== (watch?.id ?? "")) {
    watch?.close();
    watch = id ? connection.watch(id) : null;
  }
  return watch && watchers ? board(connection, watch, watchers) : lobby(connection);
}

/** @param {string} word @param {string|null} at */
function say(word, at = null) {
  noticed = { word, at };
  showNotice();
}

function showNotice() {
  const { word, at } = noticed;
  notice.textContent = word && t(word, { time: at && minute(at) });
  notice.hidden = word === "";
  notice.toggleAttribute("data-floats", word === "expiring");
}

function showStatus() {
  if (!connection) return;
  const { state, since, reason, isFinal } = connection.status;
  light.dataset.state = state;
  light.textContent = t(isFinal ? "refused" : state, { time: clock(since), reason });
}

/** In the other language, with everything that was typed still there. */
function translate() {
  /** @returns {NodeListOf<HTMLInputElement|HTMLTextAreaElement>} */
  const fields = () => view.querySelectorAll("input, textarea");
  const typed = [...fields()].map((field) => field.value);
  switchLanguage();
  show();
  fields().forEach((field, index) => (field.value = typed[index] ?? ""));
  language.focus();
}

language.addEventListener("click", translate);
signOut.addEventListener("click", () => leave("signedOut"));
window.addEventListener("hashchange", enter);
enter();
