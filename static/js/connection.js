/**
 * One WebSocket to the hub: JSON-RPC calls, and a watch that survives any break.
 *
 * After a break it comes back by itself (full jitter) and asks for what it missed, from the number it stands at. It is
 * `live` only while everything that the hub has told us to expect is here.
 */

import { apply, fromSnapshot, GapError, nothing } from "./conference.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const PING_MS = 15_000;
const ANSWER_MS = 10_000;
const UNKNOWN_CONFERENCE = 1001;
const TRY_AGAIN = 4000;
const FIRST_FINAL_CODE = 4500;
const LAST_FINAL_CODE = 4999;

/** An answer that says no; `code` and `name` are the hub's. */
export class RpcError extends Error {
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.name = data?.name ?? "error";
    this.data = data ?? {};
  }
}

/** Dispatches `state` when `status` changes, `change` when `conference` does, `gone` when there is none any more. */
export class Connection extends EventTarget {
  #url;
  #socket = null;
  #calls = new Map();
  #lastId = 0;
  #attempts = 0;
  #isWanted = true;
  #timers = new Set();
  #watched = null;
  #watching = null;
  #epoch = null;
  #head = 0;

  constructor(url) {
    super();
    this.#url = url;
    this.status = { state: "offline", since: new Date() };
    this.conference = nothing;
    this.#open();
  }

  /** Call an operation; rejects with RpcError, also where the connection breaks before the answer. */
  call(method, params = {}) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return Promise.reject(offline());
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  /** The conference that is watched, or null. */
  get watched() {
    return this.#watched;
  }

  /**
   * Watch this conference instead of any other. Resolves when its state is here, which may take until the connection
   * is back; rejects if there is no such conference. Should it vanish later, `gone` is dispatched.
   */
  watch(id) {
    this.unwatch();
    this.#watched = id;
    const watching = new Promise((resolve, reject) => (this.#watching = { resolve, reject }));
    if (this.#socket.readyState === WebSocket.OPEN) this.#catchUp();
    return watching;
  }

  unwatch() {
    if (this.#watched !== null) this.call("unwatchConf", { id: this.#watched }).catch(() => {});
    this.#watched = this.#epoch = this.#watching = null;
    this.#become(nothing);
  }

  close() {
    this.#isWanted = false;
    this.#socket?.close(1000);
  }

  #open() {
    const socket = (this.#socket = new WebSocket(this.#url));
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#told(JSON.parse(data));
    socket.onclose = ({ code }) => this.#closed(code);
  }

  async #opened() {
    this.#later(PING_MS, () => this.#ping());
    if (this.#watched === null) this.#report("live");
    else await this.#catchUp();
    this.#attempts = 0;
  }

  async #catchUp() {
    const socket = this.#socket;
    try {
      await this.#resume();
      this.#watching?.resolve();
    } catch (error) {
      if (error.code === UNKNOWN_CONFERENCE) this.#lose(error);
      else socket.close(TRY_AGAIN);
    }
  }

  /** There is no such conference, or none any more. */
  #lose(error) {
    this.#watched = null;
    this.#report("live");
    this.#watching?.reject(error);
    this.dispatchEvent(new CustomEvent("gone", { detail: error }));
  }

  async #ping() {
    const socket = this.#socket;
    const givenUp = this.#later(ANSWER_MS, () => this.#drop(socket));
    await this.call("ping").catch(() => {});
    this.#forget(givenUp);
    if (socket === this.#socket && socket.readyState === WebSocket.OPEN) this.#later(PING_MS, () => this.#ping());
  }

  /** Do not wait for a close that a dead network will never answer. */
  #drop(socket) {
    if (socket !== this.#socket) return;
    socket.onclose = null;
    socket.close();
    this.#closed(1006);
  }

  #closed(code) {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const { reject } of this.#calls.values()) reject(offline());
    this.#calls.clear();
    if (this.status.state !== "offline") this.#report("offline");
    if (!this.#isWanted || (code >= FIRST_FINAL_CODE && code <= LAST_FINAL_CODE)) return;
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts++);
    setTimeout(() => this.#isWanted && this.#open(), Math.random() * longest);
  }

  #told(message) {
    if (message.method === "event") return this.#event(message.params);
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.error) call?.reject(new RpcError(message.error));
    else call?.resolve(message.result);
  }

  async #resume() {
    const id = this.#watched;
    this.#report("catching-up");
    const since = this.#epoch === null ? {} : { epoch: this.#epoch, seq: this.conference.seq };
    const position = await this.call("watchConf", { id, ...since });
    if (id !== this.#watched) return;
    this.#epoch = position.epoch;
    this.#head = position.seq;
    if (!position.recovered) this.#become(fromSnapshot(position));
    this.#settle();
  }

  #event(event) {
    if (event.id !== this.#watched || event.epoch !== this.#epoch) return;
    try {
      this.#become(apply(this.conference, event), event);
      this.#settle();
    } catch (error) {
      if (!(error instanceof GapError)) throw error;
      this.#catchUp();
    }
  }

  #settle() {
    if (this.conference.seq >= this.#head) this.#report("live");
  }

  #become(conference, event = null) {
    if (conference === this.conference) return;
    this.conference = conference;
    this.dispatchEvent(new CustomEvent("change", { detail: event }));
  }

  #report(state) {
    if (state === this.status.state) return;
    this.status = { state, since: new Date() };
    this.dispatchEvent(new Event("state"));
  }

  #later(ms, run) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #forget(timer) {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}

function offline() {
  return new RpcError({ code: 0, message: "offline", data: { name: "offline" } });
}
