/**
 * What the moderator wants, from the press of a button or a key: asked about where it touches many or cannot be taken
 * back, and then left to the controls.
 *
 * @import { Act, Button } from "./acts.js"
 * @import { Conference, Row } from "./conference.js"
 * @import { Controls } from "./controls.js"
 * @import { Look } from "./look.js"
 */

import { fitting, SETTLING } from "./acts.js";
import { counts } from "./choose.js";
import { choose, confirm } from "./components/dialog.js";
import { invite } from "./components/invitation.js";
import { password, share } from "./components/settings.js";
import { EVERYBODY, numbers } from "./everybody.js";
import { say, t } from "./i18n.js";
import { me } from "./me.js";
import { isInside } from "./progress.js";

export class Wishes {
  #controls;
  #look;
  #current;

  /** @param {Controls} controls @param {Look} look @param {() => string|null} current the row that the moderator is on */
  constructor(controls, look, current) {
    this.#controls = controls;
    this.#look = look;
    this.#current = current;
  }

  /** Of those who are selected, or else of the one that the moderator is on. @param {Act} act */
  async act(act) {
    const keys = this.#subjects();
    if (!this.#controls.mayAct()) return;
    if (keys.length === 0) return this.#controls.done(t("selectFirst"));
    await this.#do(act, keys);
  }

  /** A button on a row. @param {Button} button @param {string} key */
  async actOn(button, key) {
    if (!this.#controls.mayAct()) return;
    const row = this.#controls.row(key);
    const act = button === "settle" ? row && (await settled(row, this.#controls.conference)) : button;
    if (act) await this.#do(act, [key]);
  }

  /** Whoever is taken off the roster cannot be put back where they were. @param {Act} act @param {string[]} keys */
  async #do(act, keys) {
    if (act === "remove" && !(await isSureOfRemoving(keys.length))) return;
    if (act === "kick" && this.#isEmptyWithout(keys.flatMap((key) => this.#controls.row(key) ?? []))) {
      if (!(await isSureOfEmptying())) return;
    }
    this.#controls.act(act, keys);
  }

  /** The platform ends a conference that was not reserved when the last one leaves. @param {Row[]} rows */
  #isEmptyWithout(rows) {
    const { conference } = this.#controls;
    const gone = new Set(rows.map(({ key }) => key));
    return !conference?.startsAt && !this.#controls.rows.some((row) => isInside(row) && !gone.has(row.key));
  }

  /** Whoever sets how the conference is is asked only if that touches anybody. @param {string} what */
  async everybody(what) {
    if (!this.#controls.mayAct()) return;
    const { whom, operation, params, word, undo, isSetting, isDangerous = false } = EVERYBODY[what];
    const rows = whom(this.#controls.rows, me.id);
    if (rows.length === 0 && !isSetting) return this.#controls.done(t("done_nothing"));
    if (rows.length && !(await isSureOfEverybody(what, rows.length, isDangerous && this.#isEmptyWithout(rows)))) return;
    this.#controls.actOnAll(operation, params(rows), `done_${word}`, undo);
  }

  async remind() {
    if (!this.#controls.mayAct()) return;
    const to = numbers(this.#controls.rows);
    if (to.length === 0) return this.#controls.done(t("done_nothing"));
    if (!(await isSureOfReminding(to.length))) return;
    this.#controls.say("");
    try {
      const { results } = await this.#controls.askPlain("sendNotice", { mps: to.join(",") });
      this.#reminded(results);
    } catch (reason) {
      this.#controls.say(say(reason));
    }
  }

  /** The hub has several numbers in a result. @param {{ok: boolean, mps: string, error?: object}[]} results */
  #reminded(results) {
    const failed = results.filter(({ ok }) => !ok);
    const [count, total] = [failed, results].map((some) => some.flatMap(({ mps }) => mps.split(",")).length);
    const why = [...new Set(failed.map(({ error }) => say(error)))].join(" ");
    if (count) this.#controls.say(t("someFailed", { count, total, why }));
    if (total > count) this.#controls.done(t("done_remind", { count: total - count }));
  }

  /** Why it did not end, or "". @returns {Promise<string>} */
  async end() {
    const { conference } = this.#controls;
    if (!this.#controls.mayAct() || !conference) return "";
    if (!(await isSureOfEnding(conference, counts(this.#controls.rows).in))) return "";
    return this.#controls.ask("stopConf").then(() => "", say);
  }

  invite() {
    if (this.#controls.mayAct()) invite(this.#controls, this.#look.draft, (text) => this.#controls.done(text));
  }

  share() {
    if (this.#controls.mayAct()) share(this.#controls, this.#controls.id);
  }

  /** The password, or why it cannot be shown. @returns {Promise<string>} */
  readPassword() {
    return this.#controls.askPlain("getConf", { id: this.#controls.id }).then(({ pwd }) => pwd, say);
  }

  async changePassword() {
    const { conference } = this.#controls;
    if (!this.#controls.mayAct() || !conference) return;
    password(this.#controls, conference.hasPwd ? await this.readPassword() : "", (text) => this.#controls.done(text));
  }

  #subjects() {
    const { keys } = this.#look.selection;
    return keys.size ? [...keys] : [this.#current()].filter((key) => key !== null);
  }
}

/**
 * What somebody knows of a row that is doubted.
 * @param {Row} row @param {Conference|null} conference @returns {Promise<Act|null>}
 */
function settled(row, conference) {
  const name = row.name || row.number || row.id;
  const shown = isInside(row) ? "settleShownIn" : "settleShownOut";
  const why = t(row.progress === "unknown" ? "settleUnknown" : shown, { name, ...conference?.uncertain });
  const answers = SETTLING.filter((act) => fitting(act, [row], conference).length);
  return choose({ title: t("settleTitle", { name }), why: [why, t("settleHow")], answers });
}

/** @param {number} count */
function isSureOfReminding(count) {
  return confirm({ title: t("remindSure", { count }), why: [t("remindWhy")], doIt: "remind", isDanger: true });
}

/** @param {number} count */
function isSureOfRemoving(count) {
  return confirm({ title: t("removeSure", { count }), why: [t("removeWhy")], doIt: "remove", isDanger: true });
}

/** @param {string} what @param {number} count @param {boolean} isEnd */
function isSureOfEverybody(what, count, isEnd) {
  const why = isEnd ? [t("emptyWhy")] : [];
  return confirm({ title: t(`${what}Sure`, { count }), why, doIt: what, isDanger: EVERYBODY[what].isDangerous });
}

function isSureOfEmptying() {
  return confirm({ title: t("emptySure"), why: [t("emptyWhy")], doIt: "kick", isDanger: true });
}

/** @param {Conference} conference @param {number} count of those inside */
function isSureOfEnding({ id, name }, count) {
  return confirm({ title: t(count ? "endSure" : "endSureEmpty", { name: name || id, count }), why: [t("endWhy")], doIt: "end", isDanger: true });
}
