/**
 * What the moderator does, from the wish to what came of it: asked of the hub, said where it was done, and how to take it
 * back.
 */

import { ACTS, fates, fitting, request } from "./acts.js";
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
   *   done: (text: string, undo: (() => void)|null) => void}} shown where what came of it is said
   */
  constructor(connection, watch, shown) {
    this.#connection = connection;
    this.#watch = watch;
    this.#shown = shown;
  }

  /** Why nothing can be done right now, as a word of i18n.js; "": it can. */
  get obstacle() {
    if (this.#watch.status.state !== "live") return "why_offline";
    return ["active", "scheduled"].includes(this.conference?.state ?? "") ? "" : "why_ended";
  }

  get conference() {
    return this.#watch.state.conference;
  }

  get rows() {
    return [...this.#watch.state.participants.values()];
  }

  /** The hub's answer. Rejects as the connection does. */
  ask(operation, params = {}) {
    const by = { id: this.#watch.id, uid: me.id, appid: this.conference?.appid ?? me.app };
    return this.#connection.call(operation, { ...by, ...params });
  }

  /** The same of an operation that is about no conference. */
  askPlain(operation, params) {
    return this.#connection.call(operation, params);
  }

  /** Do it to those of these people to whom it can be done. @param {import("./acts.js").Act} act */
  async act(act, keys) {
    if (this.obstacle) return;
    const rows = fitting(act, this.#rowsOf(keys), this.conference);
    if (rows.length === 0) return this.#shown.done(t("done_nothing"), null);
    for (const { key } of rows) this.#shown.onRow(key, "");
    const { operation, params } = request(act, rows);
    const { done, failed } = await this.#attempt(operation, params, rows);
    this.#report(failed, rows.length);
    if (done.length) this.#shown.done(sayDone(act, done), this.#undoing(act, done));
  }

  /** Do it to everybody for whom there is anything to do. @returns {Promise<boolean>} whether the hub has done it */
  async actOnAll(operation, params, text = () => t("done_mode"), undo = null) {
    if (this.obstacle) return false;
    this.#shown.onAll("");
    try {
      const { results = [] } = await this.ask(operation, params);
      const failed = this.#named(results);
      this.#report(failed, results.length);
      const done = results.filter(({ ok }) => ok);
      const keys = done.map((result) => this.#rowOf(result)?.key).filter(Boolean);
      this.#shown.done(text(done.length), undo && keys.length ? () => this.act(undo, keys) : null);
      return true;
    } catch (error) {
      this.#report(this.#named(error.data?.results ?? []), 0);
      this.#shown.onAll(say(error));
      return false;
    }
  }

  async #attempt(operation, params, rows) {
    try {
      return fates(rows, (await this.ask(operation, params)).results ?? []);
    } catch (error) {
      const each = error.data?.results ?? rows.map(() => ({ ok: false, error }));
      return fates(rows, each);
    }
  }

  /** Each where it happened; and of many, once for all, because not all rows can be seen. */
  #report(failed, total) {
    for (const { row, error } of failed) this.#shown.onRow(row.key, say(error));
    if (failed.length && total > 1) {
      const why = [...new Set(failed.map(({ error }) => say(error)))].join(" ");
      this.#shown.onAll(t("someFailed", { count: failed.length, total, why }));
    }
  }

  #undoing(act, done) {
    const { undo } = ACTS[act];
    const back = undo === "redial" ? done.filter(({ number }) => number) : done;
    return undo && back.length ? () => this.act(undo, back.map(({ key }) => key)) : null;
  }

  #named(results) {
    return results.filter(({ error }) => error).map((result) => ({ row: this.#rowOf(result), error: result.error }))
      .filter(({ row }) => row);
  }

  #rowOf({ key, callid }) {
    return key ? this.#watch.state.participants.get(key) : this.rows.find((row) => row.callid === callid);
  }

  #rowsOf(keys) {
    return [...keys].map((key) => this.#watch.state.participants.get(key)).filter((row) => row !== undefined);
  }
}

function sayDone(act, [first, ...others]) {
  return t(`done_${act}`, { name: first.name || first.number || first.id, count: others.length + 1 });
}
