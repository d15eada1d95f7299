/**
 * A connection to the hub: JSON-RPC calls, and watches that survive any break. The twin of hub/client/connection.py;
 * docs/clients.md says what both promise.
 *
 * One WebSocket at a time. After a break it comes back by itself, after a random time up to a limit that doubles.
 */

import { jitter, retryAfter } from "./backoff.js";
import { ConnectionLost, Offline, Refused, RpcError } from "./errors.js";
import { Reported } from "./status.js";
import { isForGood, tokenOf } from "./token.js";
import { listenForWaking } from "./waking.js";
import { Watch } from "./watch.js";

const PING_MS = 15_000;
const ANSWER_MS = 10_000;
/** After what may have cut the connection off: whoever still hears answers soon. */
const SOON_MS = 3_000;
/** Less than the ten seconds after which the hub would close for good on whom it has not heard. */
const AUTHENTICATE_MS = 8_000;
/** Between two renewals: the hub says of a token of less than a minute at once that it expires. */
const RENEW_MS = 10_000;
/** So many watches ask for their place at a time: after a break a thousand would be too many for the hub. */
const WATCHES_AT_ONCE = 8;
const FIRST_FINAL_CODE = 4500;
const LAST_FINAL_CODE = 4999;
const NOTHING_SAID = 1006;

/**
 * @typedef {string | (() => string | Promise<string>)} Token
 * @typedef {object} Call
 * @property {(result: any) => void} resolve
 * @property {(error: Error) => void} reject
 * @property {(result: any) => void} [then]
 * @property {(error: RpcError) => void} [otherwise]
 */

export { ConnectionLost, Offline, Refused, RpcError };

/** Dispatches `status` when `status` changes, and `signal`, with the params as its detail, for what may be lost. */
export class Connection extends Reported {
  #address;
  /** @type {Token|null} */
  #token;
  #uid;
  /** @type {WebSocket|null} */
  #socket = null;
  /** The hub has accepted whom we are. */
  #isIn = false;
  #isWaiting = false;
  #isExpiring = false;
  #renewal = 0;
  #round = 0;
  #timer = 0;
  #attempts = 0;
  #notBefore = 0;
  /** @type {typeof Offline|null} */
  #over = null;
  #lastId = 0;
  /** @type {Map<number, Call>} */
  #calls = new Map();
  /** @type {Map<string, Watch>} */
  #watches = new Map();
  /** @type {Promise<any>[]} */
  #turns = Array(WATCHES_AT_ONCE).fill(Promise.resolve());
  #lastTurn = 0;
  #heardCount = 0;
  /** How much had been heard when it was last slept over. */
  #doubted = -1;
  /** @type {{resolve: () => void, reject: (error: Error) => void}} */
  #begin = { resolve: () => {}, reject: () => {} };
  #endOfWaking = () => {};

  /**
   * @param {string} url of the hub, like `location.origin`
   * @param {{token?: Token|null, uid?: string}} credential `token` is a token or a key, or a function that gives one: it
   *   is called for every connection, and before a token expires, and has ten seconds. `uid` is who holds a key.
   */
  constructor(url, { token = null, uid = "" } = {}) {
    super();
    this.#token = token;
    this.#uid = uid;
    /** @type {Promise<void>} Resolves once it is connected for the first time; rejects if it never will be. */
    this.ready = new Promise((resolve, reject) => (this.#begin = { resolve, reject }));
    this.ready.catch(() => {});
    this.#address = `${url.replace(/^http/, "ws").replace(/\/$/, "")}/ws`;
    this.#endOfWaking = listenForWaking(() => this.#hurry(), () => this.#wake());
    this.#open();
  }

  /**
   * The result of an operation. Rejects with RpcError where the hub says no, with Offline where it has not been asked,
   * and with ConnectionLost where no answer came: then it may or may not have happened. Nothing is tried again.
   * @param {string} method
   * @param {object} params
   * @returns {Promise<any>}
   */
  async call(method, params = {}) {
    return this.#ask(method, params);
  }

  /**
   * Watch a conference until the watch is closed. Throws if it is watched already on this connection.
   * @param {string} id
   */
  watch(id) {
    id = String(id);
    if (this.#watches.has(id)) throw new Error(`conference ${id} is watched already on this connection`);
    const watch = new Watch(id, {
      ask: (method, params, then) => this.#ask(method, params, then),
      inTurn: (run) => this.#inTurn(run),
      settle: () => this.#settle(),
      leave: (watch) => this.#leave(watch),
      unwatch: (id) => this.#unwatch(id),
    });
    this.#watches.set(id, watch);
    if (this.#isOpen) watch.opened();
    else watch.broke(this.status.reason, this.status.isFinal);
    this.#settle();
    return watch;
  }

  /** For good. */
  close() {
    this.#broke("the connection was closed", 0, Offline);
  }

  get #isOpen() {
    return this.#isIn && this.#socket?.readyState === WebSocket.OPEN;
  }

  /** There may be another token when this one is not good any more. */
  get #isRenewable() {
    return typeof this.#token === "function";
  }

  // One socket after another ----------------------------------------------------------------------------------------

  #open() {
    this.#isWaiting = false;
    if (typeof this.#token === "function") this.#openAnew(this.#token);
    else this.#connect(this.#token);
  }

  /**
   * The hub's ten seconds begin when it is connected, so the token is asked for before.
   * @param {() => string|Promise<string>} tokenFunction
   */
  async #openAnew(tokenFunction) {
    const round = this.#round;
    const { token, problem } = await tokenOf(tokenFunction, ANSWER_MS);
    if (round !== this.#round) return;
    if (problem !== undefined) this.#broke(problem);
    else this.#connect(token);
  }

  /** @param {string|null} token */
  #connect(token) {
    const socket = (this.#socket = new WebSocket(this.#address));
    socket.onopen = () => (token === null ? this.#entered() : this.#enter(token));
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#next(ANSWER_MS, () => this.#broke("the hub does not answer"));
  }

  /** Nothing else is said before the hub has accepted the token. @param {string} token */
  #enter(token) {
    this.#next(AUTHENTICATE_MS, () => this.#broke("the hub does not answer"));
    this.#send("authenticate", this.#shown(token), () => this.#entered(), (error) => this.#denied(error)).catch(() => {});
  }

  #entered() {
    this.#isIn = true;
    this.#begin.resolve();
    this.#next(PING_MS, () => this.#ping());
    for (const watch of [...this.#watches.values()]) watch.opened();
    this.#settle();
    this.#renew();
  }

  /** The answer decides, and the close that follows it is not waited for. @param {RpcError} error */
  #denied(error) {
    this.#broke(error.message, retryAfter(error.data), isForGood(error, this.#isRenewable) ? Refused : null);
  }

  /** @param {string} token */
  #shown(token) {
    return this.#uid ? { token, uid: this.#uid } : { token };
  }

  /** On the live connection. Where that fails nothing is lost yet: the hub closes when the old token is over. */
  async #renew() {
    if (typeof this.#token !== "function" || !this.#isExpiring || !this.#isOpen || this.#renewal) return;
    const round = this.#round;
    this.#isExpiring = false;
    this.#renewal = setTimeout(() => this.#rested(), RENEW_MS);
    const { token } = await tokenOf(this.#token, ANSWER_MS);
    if (token && round === this.#round) this.#ask("authenticate", this.#shown(token)).catch(() => {});
  }

  #rested() {
    this.#renewal = 0;
    this.#renew();
  }

  /** @param {number} code @param {string} reason */
  #closed(code, reason) {
    const isFinal = code >= FIRST_FINAL_CODE && code <= LAST_FINAL_CODE;
    const why = code === NOTHING_SAID ? "the connection broke" : `closed with ${code} ${reason}`.trim();
    this.#broke(why, retryAfter(reason), isFinal ? Refused : null);
  }

  /**
   * @param {string} reason
   * @param {number} atLeast
   * @param {typeof Offline|null} over what calls reject with from now on, if this is the end
   */
  #broke(reason, atLeast = 0, over = null) {
    const calls = this.#calls;
    this.#calls = new Map();
    this.#over = over;
    this.#notBefore = Date.now() + atLeast;
    this.#letGo();
    if (over) this.#end(new over(reason));
    else this.#wait(atLeast + jitter(this.#attempts++));
    this.report("offline", reason, over !== null);
    for (const watch of [...this.#watches.values()]) watch.broke(reason, over !== null);
    for (const { reject } of calls.values()) reject(new ConnectionLost(reason));
  }

  /** Without waiting for a close that a dead network will never answer. */
  #letGo() {
    const socket = this.#socket;
    this.#socket = null;
    this.#isIn = this.#isWaiting = this.#isExpiring = false;
    this.#doubted = -1;
    this.#round++;
    clearTimeout(this.#timer);
    clearTimeout(this.#renewal);
    this.#renewal = 0;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  /** @param {Error} error */
  #end(error) {
    this.#begin.reject(error);
    this.#endOfWaking();
  }

  /** @param {number} patience in milliseconds */
  async #ping(patience = ANSWER_MS) {
    const socket = this.#socket;
    this.#listen(patience);
    const answer = await this.call("ping").catch((error) => error);
    if (socket !== this.#socket) return;
    this.#settle();
    this.#next(PING_MS + retryAfter(answer.data), () => this.#ping());
  }

  /** Answers wait behind others, so anything that comes is a sign of life. @param {number} patience */
  #listen(patience) {
    const heard = this.#heardCount;
    const isThere = () => heard < this.#heardCount;
    this.#next(patience, () => (isThere() ? this.#listen(patience) : this.#broke("the hub does not answer")));
  }

  /** The network comes or goes, or somebody looks at the page again: what was waited for may be so by now. */
  #hurry() {
    if (this.#isOpen) this.#ping(SOON_MS);
    else if (this.#isWaiting) this.#wait(Math.max(0, this.#notBefore - Date.now()) + jitter(0));
  }

  /** Nothing is live before the hub has said so anew: the connection may have been cut off while nobody looked. */
  #wake() {
    if (this.#isOpen && !this.#isDoubted) this.#doubt();
    this.#hurry();
  }

  #doubt() {
    this.#doubted = this.#heardCount;
    for (const watch of [...this.#watches.values()]) watch.doubt();
    this.#settle();
  }

  get #isDoubted() {
    return this.#heardCount === this.#doubted;
  }

  /** @param {number} ms */
  #wait(ms) {
    this.#isWaiting = true;
    this.#next(ms, () => this.#open());
  }

  /** There is one thing at a time that happens if nothing else does. @param {number} ms @param {() => void} run */
  #next(ms, run) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, ms);
  }

  // What is asked and told ------------------------------------------------------------------------------------------

  /** @param {string} method @param {object} params @param {Call["then"]} then */
  #ask(method, params, then = undefined) {
    if (!this.#isOpen) return Promise.reject(new (this.#over ?? Offline)(this.status.reason));
    return this.#send(method, params, then);
  }

  /**
   * `then` hears the result, or `otherwise` the error, before anything that comes after it is read.
   * @param {string} method
   * @param {object} params
   * @param {Call["then"]} then
   * @param {Call["otherwise"]} otherwise
   */
  #send(method, params, then = undefined, otherwise = undefined) {
    const id = ++this.#lastId;
    /** @type {WebSocket} */ (this.#socket).send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject, then, otherwise }));
  }

  /** @param {string} data */
  #heard(data) {
    this.#heardCount++;
    try {
      this.#told(JSON.parse(data));
    } catch {
      this.#broke("the hub said what cannot be understood");
    }
  }

  /** @param {any} said */
  #told(said) {
    const { method, params } = said;
    if (method === undefined) this.#answered(said);
    else if (method === "signal") this.#signalled(params);
    else if (method === "event" || method === "position") this.#watches.get(params.id)?.told(method, params);
  }

  /** @param {any} params */
  #signalled(params) {
    if (params?.type === "expiring") {
      this.#isExpiring = this.#isRenewable;
      this.#renew();
    }
    this.dispatchEvent(new CustomEvent("signal", { detail: params }));
  }

  /** @param {{id: number, result?: any, error?: any}} reply */
  #answered(reply) {
    const call = this.#calls.get(reply.id);
    if (!call) return;
    if (reply.error) {
      const error = new RpcError(reply.error);
      call.reject(error);
      call.otherwise?.(error);
    } else {
      this.#attempts = 0;
      call.then?.(reply.result);
      call.resolve(reply.result);
    }
    this.#calls.delete(reply.id);
  }

  // Its watches -----------------------------------------------------------------------------------------------------

  /**
   * What `run` comes to, once those before it are done.
   * @template T
   * @param {() => Promise<T>} run never rejects
   * @returns {Promise<T>}
   */
  #inTurn(run) {
    const turn = this.#lastTurn++ % WATCHES_AT_ONCE;
    return (this.#turns[turn] = this.#turns[turn].then(run));
  }

  /** @param {Watch} watch */
  #leave(watch) {
    if (this.#watches.get(watch.id) === watch) this.#watches.delete(watch.id);
    this.#unwatch(watch.id);
    this.#settle();
  }

  /** Unless somebody else watches it by now. @param {string} id */
  #unwatch(id) {
    if (this.#isOpen && !this.#watches.has(id)) this.#ask("unwatchConf", { id }).catch(() => {});
  }

  /** A connection is as live as the least of its watches. */
  #settle() {
    if (!this.#isOpen) return;
    const isLive = !this.#isDoubted && [...this.#watches.values()].every(({ status }) => status.state === "live");
    this.report(isLive ? "live" : "catching up");
  }
}
