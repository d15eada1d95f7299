/**
 * Inviting people: whatever was pasted is read as it is typed, and whoever could not be called stays.
 *
 * @import { Result } from "../acts.js"
 * @import { Person } from "../people.js"
 */

import { field, h } from "../dom.js";
import { RpcError } from "../errors.js";
import { say, t } from "../i18n.js";
import { read, unique } from "../people.js";
import { openDialog } from "./dialog.js";

/**
 * @param {import("../controls.js").Controls} controls
 * @param {{text: string}} draft what was typed before, and stays until it is sent
 * @param {(text: string) => void} done
 */
export function invite(controls, draft, done) {
  const text = field(t("inviteLabel"), "people", { rows: 8, placeholder: t("invitePlaceholder"), spellcheck: "false", ".value": draft.text, oninput: changed });
  const area = /** @type {HTMLTextAreaElement} */ (text.querySelector("textarea"));
  const role = h("input", { type: "checkbox", name: "role" });
  const preview = h("p", { class: "hint", role: "status" });
  const error = h("p", { class: "error", role: "alert" });
  const results = h("ul", { class: "results" });
  const send = h("button", { class: "primary" }, t("inviteDo"));
  let isAsking = false;

  const form = h("form", { class: "fields", onsubmit: submit }, text, h("p", { class: "hint" }, t("inviteHint")),
    h("label", { class: "check-line" }, role, t("asModerators")), results, error,
    h("div", { class: "dialog-foot" }, preview, h("button", { type: "button", onclick: () => dialog.close() }, t("cancelDo")), send));
  const dialog = openDialog(t("inviteTitle"), { class: "invitation" }, form);
  area.focus();
  changed();

  function changed() {
    draft.text = area.value;
    const { people, unclear } = read(area.value);
    const { people: each, repeated } = unique(people);
    /** @type {[string, number][]} */
    const said = [["willCall", each.length], ["repeated", repeated], ["unclearCount", unclear.length]];
    preview.textContent = said.filter(([word, count]) => count || word === "willCall").map(([word, count]) => t(word, { count })).join(" · ");
  }

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (isAsking || controls.obstacle) return void (error.textContent = controls.obstacle && t(controls.obstacle));
    const { people, unclear } = read(area.value);
    const users = unique(people).people.map((person) => (role.checked ? { ...person, role: "moderator" } : person));
    isAsking = true;
    error.textContent = "";
    const answer = users.length ? await ask(users) : [];
    isAsking = false;
    if (answer) show(users, answer, unclear);
  }

  /** The result of each, or null with the reason shown. @param {Person[]} users @returns {Promise<Result[]|null>} */
  async function ask(users) {
    try {
      return (await controls.ask("inviteConf", { users })).results;
    } catch (reason) {
      if (reason instanceof RpcError && reason.data.results) return reason.data.results;
      error.textContent = say(reason);
      return null;
    }
  }

  /** @param {Person[]} users @param {Result[]} answer @param {string[]} unclear */
  function show(users, answer, unclear) {
    const fates = users.map((user, index) => ({ user, reason: answer[index]?.error }));
    const failed = fates.filter(({ reason }) => reason);
    const count = fates.length - failed.length;
    if (count) done(t(controls.conference?.state === "scheduled" ? "invitedLater" : "invited", { count }));
    area.value = [...failed.map(({ user }) => `${user.number} ${user.name}`.trim()), ...unclear].join("\n");
    changed();
    if (failed.length + unclear.length === 0 && count) return dialog.close();
    error.textContent = unclear.map((line) => t("unclear", { line })).join(" ");
    results.replaceChildren(...fates.map(({ user, reason }) =>
      h("li", { "data-ok": String(!reason) }, h("bdi", {}, `${user.number} ${user.name}`.trim()), " — ", reason ? say(reason) : t("accepted"))));
    area.focus();
  }
}
