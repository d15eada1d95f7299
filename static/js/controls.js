/**
 * What the moderator does, from the wish to what came of it: asked of the hub, said where it was done, and how to take it
 * back.
 *
 * @import { Act, Failure, Result } from "./acts.js"
 * @import { Row } from "./conference.js"
 */

import { ACTS, fates, fitting, IS_UNDONE_BY, request, resultsOf } from "./acts.js";
import { say, t } from "./i18n.js";
import { me } from "./me.js";

export class Controls {
  #connection;
  #watch;
  #shown;

  /**
   * @param {import("./connection.js").Connection} connection
   * @param {import("./watch.js").Watch} watch
   * @param {{onRow: (key: string, text: string) => void, onAll: (text: string) => void,
   *   done: (done: import("./components/toasts.js").Done) => void}} shown where what came of it is said
   */
  constructor(connection, watch, shown) {
    this.#connection = connection;
    this.#watch = watch;
    this.#shown = shown;
  }

  /** Where what is done to everybody is said. @param {string} text an error, or "" */
  say(text) {
    this.#shown.onAll(text);
  }

  /** @param {string} text what has been done, to nobody on the roster */
  done(text) {
    this.#shown.done({ say: () => text, keys: [], undo: null });
  }

  /** Why nothing can be done right now, as a word of i18n.js; "": it can. */
  get obstacle() {
    if (this.#watch.status.state !== "live") return "why_offline";
    return ["active", "scheduled"].includes(this.conference?.state ?? "") ? "" : "why_ended";
  }

  /** Whether anything can be done right now; if not, it is said why. */
  mayAct() {
    const why = this.obstacle;
    if (why) this.done(t(why));
    return why === "";
  }

  get id() {
    return this.#watch.id;
  }

  get conference() {
    return this.#watch.state.conference;
  }

  /** @param {string} key */
  row(key) {
    return this.#watch.state.participants.get(key);
  }

  get rows() {
    return [...this.#watch.state.participants.values()];
  }

  /** The hub's answer. Rejects as the connection does. @param {string} operation @param {object} [params] */
  ask(operation, params = {}) {
    const by = { id: this.#watch.id, uid: me.id, appid: this.conference?.appid ?? me.app };
    return this.#connection.call(operation, { ...by, ...params });
  }

  /** The same of an operation that is about no conference. @param {string} operation @param {object} params */
  askPlain(operation, params) {
    return this.#connection.call(operation, params);
  }

  /** Do it to those of these people to whom it can be done. @param {Act} act @param {Iterable<string>} keys */
  async act(act, keys) {
    if (!this.mayAct()) return;
    const rows = fitting(act, this.#rowsOf(keys), this.conference);
    if (rows.length === 0) return this.done(t("done_nothing"));
    for (const { key } of rows) this.#shown.onRow(key, "");
    const { operation, params } = request(act, rows);
    const { done, failed } = await this.#attempt(operation, params, rows);
    this.#report(failed, rows.length);
    if (done.length) this.#told(`done_${act}`, done, ACTS[act].undo);
  }

  /**
   * Do it to everybody for whom there is anything to do.
   * @param {string} operation @param {object} params
   * @param {string} word what to say once it is done @param {Act} [undo]
   * @returns {Promise<boolean>} whether the hub has done it
   */
  async actOnAll(operation, params, word, undo) {
    if (!this.mayAct()) return false;
    this.say("");
    try {
      /** @type {{results?: Result[]}} */
      const { results = [] } = await this.ask(operation, params);
      const failed = this.#named(results);
      this.#report(failed, results.length);
      this.#told(word, results.filter(({ ok }) => ok).flatMap((result) => this.#rowOf(result) ?? []), undo);
      return true;
    } catch (error) {
      this.#report(this.#named(resultsOf(error) ?? []), 0);
      this.#shown.onAll(say(error));
      return false;
    }
  }

  /** @param {string} operation @param {object} params @param {Row[]} rows */
  async #attempt(operation, params, rows) {
    try {
      return fates(rows, (await this.ask(operation, params)).results ?? []);
    } catch (error) {
      return fates(rows, resultsOf(error) ?? rows.map(() => ({ ok: false, error: /** @type {Error} */ (error) })));
    }
  }

  /** Each where it happened; and of many, once for all, because not all rows can be seen. @param {Failure[]} failed @param {number} total */
  #report(failed, total) {
    for (const { row, error } of failed) this.#shown.onRow(row.key, say(error));
    if (failed.length && total > 1) {
      const why = [...new Set(failed.map(({ error }) => say(error)))].join(" ");
      this.#shown.onAll(t("someFailed", { count: failed.length, total, why }));
    }
  }

  /** @param {string} word @param {Row[]} done @param {Act} [undo] */
  #told(word, done, undo) {
    const names = new Map(done.map((row) => [row.key, row.name || row.number || row.id]));
    const canUndo = undo && done.some(({ number }) => undo !== "redial" || number);
    this.#shown.done({
      keys: [...names.keys()], say: (keys) => t(word, { name: names.get(keys[0]), count: keys.length }),
      undo: canUndo ? (keys) => this.#begin(undo, keys) : null, isSo: undo && IS_UNDONE_BY[undo],
    });
  }

  /** @param {Act} act @param {string[]} keys @returns {boolean} whether it could be begun */
  #begin(act, keys) {
    const mayAct = this.mayAct();
    if (mayAct) this.act(act, keys);
    return mayAct;
  }

  /** @param {Result[]} results @returns {Failure[]} */
  #named(results) {
    return results.filter(({ error }) => error).flatMap((result) => {
      const row = this.#rowOf(result);
      return row ? { row, error: result.error } : [];
    });
  }

  /** @param {Result} result */
  #rowOf({ key, callid, id, number }) {
    if (key) return this.row(key);
    return this.rows.find((row) => (callid ? row.callid === callid : row.id === id && row.number === number));
  }

  /** @param {Iterable<string>} keys */
  #rowsOf(keys) {
    return [...keys].map((key) => this.#watch.state.participants.get(key)).filter((row) => row !== undefined);
  }
}
