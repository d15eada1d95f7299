/** Which view is shown, and the connection that all of them use. */

import { board } from "./board.js";
import { Connection } from "./connection.js";
import { clock, switchLanguage, t } from "./i18n.js";
import { lobby } from "./lobby.js";

const connection = new Connection(`${location.origin.replace(/^http/, "ws")}/ws`);
const light = document.getElementById("light");
const language = document.getElementById("language");
const view = document.getElementById("view");
let current = null;

function showState() {
  const { state, since } = connection.status;
  light.dataset.state = state;
  light.textContent = t(state, { time: clock(since) });
}

function show() {
  current?.leave();
  const id = decodeURIComponent(location.hash.slice(1));
  current = id ? board(connection, id) : lobby(connection);
  view.replaceChildren(current.element);
  language.textContent = t("language");
  showState();
}

language.addEventListener("click", () => {
  switchLanguage();
  show();
});
window.addEventListener("hashchange", show);
connection.addEventListener("state", showState);
show();
