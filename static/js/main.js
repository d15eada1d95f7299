/** Which view is shown, and the connection that all of them use. */

import { board } from "./board.js";
import { Connection } from "./connection.js";
import { clock, switchLanguage, t } from "./i18n.js";
import { lobby } from "./lobby.js";

const connection = new Connection(`${location.origin.replace(/^http/, "ws")}/ws`);
const light = document.getElementById("light");
const language = document.getElementById("language");
const simulated = document.getElementById("simulated");
const view = document.getElementById("view");
let current = null;

function showState() {
  const { state, since } = connection.status;
  light.dataset.state = state;
  light.textContent = t(state, { time: clock(since) });
}

/** Of the conference that the address names; what cannot be read is taken as it stands. */
function idInAddress() {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function show() {
  const id = idInAddress();
  current?.leave();
  if (connection.watched !== null && connection.watched !== id) connection.unwatch();
  current = id ? board(connection, id) : lobby(connection);
  view.replaceChildren(current.element);
  language.textContent = t("language");
  simulated.textContent = t("simulated");
  showState();
}

/** In the other language, with everything that was typed still there. */
function translate() {
  const fields = () => view.querySelectorAll("input, textarea");
  const typed = [...fields()].map((field) => field.value);
  switchLanguage();
  show();
  fields().forEach((field, index) => (field.value = typed[index] ?? ""));
}

async function askWhetherSimulated() {
  const answer = await fetch("readyz").then((response) => response.json()).catch(() => null);
  simulated.hidden = !answer?.provider.simulated;
}

language.addEventListener("click", translate);
window.addEventListener("hashchange", show);
connection.addEventListener("state", showState);
askWhetherSimulated();
show();
