/**
 * One watched conference: its state, kept true over every break. The twin of hub/client/watch.py.
 *
 * @import { Conference, Event as HubEvent, Row, State } from "./conference.js"
 * @typedef {{epoch: string, seq: number}} Position
 * @typedef {{conference: Conference, participants: Row[], reason: string}} Snapshot
 * @typedef {Position & ({recovered: true} | {recovered: false} & Snapshot)} Stand
 * @typedef {{event: HubEvent, reason: null}|{event: null, reason: string}} Change
 * @typedef {object} Lent
 * @property {(method: string, params: object, then: (result: any) => void) => Promise<any>} ask
 * @property {<T>(run: () => Promise<T>) => Promise<T>} inTurn
 * @property {() => void} settle
 * @property {(watch: Watch) => void} leave
 * @property {(id: string) => void} unwatch
 */

import { jitter, retryAfter } from "./backoff.js";
import { apply, fromSnapshot, GapError, nothing } from "./conference.js";
import { RpcError } from "./errors.js";
import { Reported } from "./status.js";

const FINAL_ERRORS = [1001, -32602];

/**
 * Made by `connection.watch(id)`. Dispatches
 * - `change` when `state` is another: its detail is `{event, reason}`, with an event, or with the reason of a snapshot;
 * - `status` when `status` is another;
 * - `gone` when there is no such conference, or none any more, or its id cannot be read: then `error` says so, and the
 *   watch has ended.
 */
export class Watch extends Reported {
  #connection;
  /** @type {string|null} */
  #epoch = null;
  #head = 0;
  #isFollowing = false;
  #round = 0;
  #attempts = 0;

  /** @param {string} id @param {Lent} connection what it lends us */
  constructor(id, connection) {
    super();
    this.#connection = connection;
    this.id = id;
    /** @type {RpcError|null} */
    this.error = null;
    /** @type {State} */
    this.state = nothing;
  }

  /** End the watch. What was known stays in `state`. */
  close() {
    this.#end("not watched");
  }

  // What the connection tells ---------------------------------------------------------------------------------------

  /** @package A new socket is open. */
  opened() {
    this.report("catching up");
    this.#resume();
  }

  /** @package What is here need not be all: it is asked for anew. */
  doubt() {
    this.#attempts = 0;
    this.#catchUp();
  }

  /** @package @param {string} reason @param {boolean} isFinal */
  broke(reason, isFinal) {
    this.#round++;
    this.#attempts = 0;
    this.#isFollowing = false;
    this.report("offline", reason, isFinal);
  }

  /** @package @param {"event"|"position"} method @param {any} params */
  told(method, params) {
    if (!this.#isFollowing) return;
    if (method === "event") this.#event(params);
    else if (params.epoch !== this.#epoch || params.seq > this.state.seq) this.#catchUp();
  }

  // What follows from it --------------------------------------------------------------------------------------------

  /** @param {HubEvent & {epoch: string}} event */
  #event(event) {
    if (event.epoch !== this.#epoch) return;
    try {
      this.#become(apply(this.state, event), { event, reason: null });
    } catch (error) {
      if (!(error instanceof GapError)) throw error;
      return this.#catchUp();
    }
    this.#attempts = 0;
  }

  /** What comes now does not continue what is here. */
  #catchUp() {
    this.#isFollowing = false;
    this.#settle();
    this.#resume();
  }

  /** Ask for what is missing: at once, or after a while if attempts before this one led nowhere. */
  async #resume() {
    const round = ++this.#round;
    let wait = this.#attempts ? jitter(this.#attempts - 1) : 0;
    for (;;) {
      await pause(wait);
      const answer = await this.#connection.inTurn(() => this.#ask(round));
      if (round !== this.#round) return this.#connection.unwatch(this.id);
      if (!(answer instanceof RpcError)) return;
      if (FINAL_ERRORS.includes(answer.code)) return this.#lose(answer);
      wait = jitter(this.#attempts - 1);
    }
  }

  /**
   * The hub's answer or the error; the turn is kept for as long as the hub wants to be left alone.
   * @param {number} round
   */
  async #ask(round) {
    if (round !== this.#round) return null;
    this.#attempts++;
    const since = this.#epoch === null ? {} : { epoch: this.#epoch, seq: this.state.seq };
    const stand = (/** @type {Stand} */ position) => round === this.#round && this.#stand(position);
    const asked = this.#connection.ask("watchConf", { id: this.id, ...since }, stand);
    const answer = await asked.catch((/** @type {Error} */ error) => error);
    if (answer instanceof RpcError) await pause(retryAfter(answer.data));
    return answer;
  }

  /** The events that follow continue this. @param {Stand} position */
  #stand(position) {
    this.#epoch = position.epoch;
    this.#head = position.seq;
    this.#isFollowing = true;
    if (position.recovered) this.#settle();
    else this.#become(fromSnapshot(position), { event: null, reason: position.reason });
  }

  /** @param {RpcError} error */
  #lose(error) {
    this.error = error;
    this.#end(error.message);
    this.dispatchEvent(new CustomEvent("gone", { detail: error }));
  }

  /** @param {string} reason */
  #end(reason) {
    this.broke(reason, false);
    this.#connection.leave(this);
  }

  /** @param {State} state @param {Change} detail */
  #become(state, detail) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("change", { detail }));
    if (this.#isFollowing) this.#settle();
  }

  #settle() {
    const isLive = this.#isFollowing && this.state.seq >= this.#head;
    if (this.report(isLive ? "live" : "catching up")) this.#connection.settle();
  }
}

/** @param {number} ms */
async function pause(ms) {
  if (ms) await new Promise((resolve) => setTimeout(resolve, ms));
}
