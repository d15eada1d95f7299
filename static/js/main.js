/** Which view is shown, and the connection that all of them use. */

import { board } from "./board.js";
import { Connection } from "./connection.js";
import { clock, switchLanguage, t } from "./i18n.js";
import { lobby } from "./lobby.js";

const connection = new Connection(location.origin);
const light = document.getElementById("light");
const language = document.getElementById("language");
const simulated = document.getElementById("simulated");
const view = document.getElementById("view");
let current = null;
let watch = null;

function showStatus() {
  const { state, since, reason, isFinal } = connection.status;
  light.dataset.state = state;
  light.textContent = t(isFinal ? "refused" : state, { time: clock(since), reason });
}

/** A hub that comes back may be another one, and have the conference that was not there. */
function lookAgain() {
  if (connection.status.state !== "offline" || !watch?.error) return;
  watch = null;
  show();
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
  follow(id);
  current = watch ? board(connection, watch) : lobby(connection);
  view.replaceChildren(current.element);
  language.textContent = t("language");
  simulated.textContent = t("simulated");
  showStatus();
}

/** Watch the conference that is shown, and no other. */
function follow(id) {
  if (id === (watch?.id ?? "")) return;
  watch?.close();
  watch = id ? connection.watch(id) : null;
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
connection.addEventListener("status", showStatus);
connection.addEventListener("status", lookAgain);
askWhetherSimulated();
show();
