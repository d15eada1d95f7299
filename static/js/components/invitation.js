/**
 * Inviting people: whatever was pasted is read as it is typed, and whoever could not be called stays, with the reason.
 *
 * @import { Result } from "../acts.js"
 * @import { Left, Person } from "../people.js"
 */

import { field, h } from "../dom.js";
import { say, t } from "../i18n.js";
import { callAll } from "../inviting.js";
import { digitsOf, LONGEST, read, unique, write } from "../people.js";
import { openDialog } from "./dialog.js";

const SHOWN_LINES = 50;

/**
 * @param {import("../controls.js").Controls} controls
 * @param {{text: string}} draft what was typed before, and stays until it is sent
 * @param {(text: string) => void} done
 */
export function invite(controls, draft, done) {
  const text = field(t("inviteLabel"), "people", {
    rows: 8, placeholder: t("invitePlaceholder"), spellcheck: "false", ".value": draft.text, oninput: changed,
  });
  const area = /** @type {HTMLTextAreaElement} */ (text.querySelector("textarea"));
  const role = h("input", { type: "checkbox", name: "role" });
  const preview = h("p", { class: "hint", role: "status" });
  const error = h("p", { class: "error", role: "alert" });
  const list = h("ul", { class: "results", tabindex: "0", "aria-label": t("linesLeft") });
  const leave = h("button", { type: "button", onclick: () => dialog.close() }, t("cancelDo"));
  const send = h("button", { class: "primary" }, t("inviteDo"));
  let isAsking = false;
  /** What the hub said of numbers, by their digits. @type {Map<string, any>} */
  let refused = new Map();
  let summary = "";

  const form = h("form", { class: "fields", onsubmit: submit, onkeydown: pressed }, text, h("p", { class: "hint" }, t("inviteHint")),
    h("label", { class: "check-line" }, role, t("asModerators")), error, list,
    h("div", { class: "dialog-foot" }, preview, leave, send));
  const dialog = openDialog(t("inviteTitle"), { class: "invitation" }, form);
  area.focus();
  changed();

  function typed() {
    const { people, left, headings } = read(area.value);
    return { ...unique(people), left, headings };
  }

  /** @param {InputEvent} [event] */
  function changed(event) {
    draft.text = area.value;
    const { people, repeated, left, headings } = typed();
    const long = left.filter(({ why }) => why in LONGEST).length;
    preview.textContent = sayCounts({
      willCall: people.length, repeated, unclearCount: left.length - long, tooLong: long, headings: headings.length,
    });
    const unfinished = event?.inputType && !event.inputType.startsWith("insertFrom") ? lineAt(area) : "";
    const failed = people.filter(({ number }) => refused.has(digitsOf(number)));
    showLines(failed, left.filter(({ line }) => line !== unfinished));
  }

  /** @param {Person[]} failed @param {Left[]} left */
  function showLines(failed, left) {
    const lines = [
      ...failed.map((person) => [write(person), say(refused.get(digitsOf(person.number)))]),
      ...left.map(({ line, why }) => [line, t(`left_${why}`, { longest: LONGEST[why] })]),
    ];
    list.replaceChildren(...lines.slice(0, SHOWN_LINES).map(([line, why]) => item(line, why)));
    const others = lines.length - SHOWN_LINES;
    if (others > 0) list.append(h("li", { "data-ok": "false" }, t("moreLines", { count: others })));
    if (summary) list.append(h("li", { "data-ok": "true" }, summary));
  }

  /** Enter alone begins a line. @param {KeyboardEvent} event */
  function pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat) form.requestSubmit();
  }

  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (isAsking || controls.obstacle) return void (error.textContent = controls.obstacle && t(controls.obstacle));
    const { people, left } = typed();
    error.textContent = people.length + left.length ? "" : t("nobodyToCall");
    if (error.textContent) return;
    wait(true);
    const users = people.map((person) => (role.checked ? { ...person, role: "moderator" } : person));
    const { results, error: reason } = await callAll((some) => controls.ask("inviteConf", { users: some }), users);
    wait(false);
    show(people, left, results, reason);
  }

  /** @param {boolean} isSo */
  function wait(isSo) {
    isAsking = area.readOnly = isSo;
    send.ariaDisabled = String(isSo);
  }

  /**
   * @param {Person[]} people @param {Left[]} left @param {Result[]} results
   * @param {unknown} reason why not all were asked for
   */
  function show(people, left, results, reason) {
    const missing = people.flatMap((person, at) => (results[at]?.ok ? [] : [{ person, why: results[at]?.error }]));
    refused = new Map(missing.filter(({ why }) => why).map(({ person, why }) => [digitsOf(person.number), why]));
    const count = people.length - missing.length;
    summary = count ? t(controls.conference?.state === "scheduled" ? "invitedLater" : "invited", { count }) : "";
    if (summary && !(dialog.open && missing.length + left.length)) done(summary);
    const lines = [...missing.map(({ person }) => write(person)), ...left.map(({ line }) => line)];
    area.value = lines.join("\n");
    leave.textContent = t("closeDo");
    changed();
    if (lines.length === 0) return dialog.close();
    error.textContent = reason ? say(reason) : t("notAccepted", { count: lines.length });
    area.focus();
  }
}

/** @param {Record<string, number>} counts by their words; nothing is said of what there is none of, but of calls */
function sayCounts(counts) {
  const said = Object.entries(counts).filter(([word, count]) => count || word === "willCall");
  return said.map(([word, count]) => t(word, { count })).join(" · ");
}

/** @param {string} line @param {string} why */
function item(line, why) {
  return h("li", { "data-ok": "false" }, h("bdi", { title: line.length > 40 ? line : null }, line), " — ", why);
}

/** That somebody is writing. @param {HTMLTextAreaElement} area */
function lineAt({ value, selectionStart: at }) {
  return value.slice(value.lastIndexOf("\n", at - 1) + 1).split("\n", 1)[0].trim();
}
