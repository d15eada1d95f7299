/**
 * What the moderator wants, from the press of a button or a key: asked about where it touches many or cannot be taken
 * back, and then left to the controls.
 *
 * @import { Act } from "./acts.js"
 * @import { Conference, Row } from "./conference.js"
 * @import { Controls } from "./controls.js"
 * @import { Look } from "./look.js"
 */

import { counts } from "./choose.js";
import { confirm } from "./components/dialog.js";
import { invite } from "./components/invitation.js";
import { password, share } from "./components/settings.js";
import { EVERYBODY, numbers } from "./everybody.js";
import { say, t } from "./i18n.js";
import { me } from "./me.js";

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
    if (act === "remove" && keys.length > 1 && !(await isSureOfRemoving(keys.length))) return;
    this.#controls.act(act, keys);
  }

  /** Whoever sets how the conference is is asked only if that touches anybody. @param {string} what */
  async everybody(what) {
    if (!this.#controls.mayAct()) return;
    const { whom, operation, params, word, undo, isSetting } = EVERYBODY[what];
    const rows = whom(this.#controls.rows, me.id);
    if (rows.length === 0 && !isSetting) return this.#controls.done(t("done_nothing"));
    if (rows.length && !(await isSureOfEverybody(what, rows.length))) return;
    const said = (/** @type {number} */ count) => (isSetting ? t("done_mode") : t(`done_${word}`, { count, name: nameOf(rows) }));
    this.#controls.actOnAll(operation, params(rows), said, (!isSetting && undo) || null);
  }

  async remind() {
    if (!this.#controls.mayAct()) return;
    const to = numbers(this.#controls.rows);
    if (to.length === 0) return this.#controls.done(t("done_nothing"));
    if (!(await confirm({ title: t("remindSure", { count: to.length }), why: t("remindWhy"), doIt: t("remind") }))) return;
    this.#controls.say("");
    try {
      await this.#controls.askPlain("sendNotice", { mps: to.join(",") });
      this.#controls.done(t("done_remind", { count: to.length }));
    } catch (reason) {
      this.#controls.say(say(reason));
    }
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

/** @param {number} count */
function isSureOfRemoving(count) {
  return confirm({ title: t("removeSure", { count }), why: t("removeWhy"), doIt: t("remove"), isDanger: true });
}

/** @param {string} what @param {number} count */
function isSureOfEverybody(what, count) {
  return confirm({ title: t(`${what}Sure`, { count }), doIt: t(what), isDanger: EVERYBODY[what].word === "kick" });
}

/** @param {Conference} conference @param {number} count of those inside */
function isSureOfEnding({ id, name }, count) {
  return confirm({ title: t("endSure", { name: name || id, count }), why: t("endWhy"), doIt: t("end"), isDanger: true });
}

/** @param {Row[]} rows */
function nameOf([first]) {
  return first.name || first.number || first.id;
}
