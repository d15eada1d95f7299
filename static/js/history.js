/** The events of the conference that is shown: from the hub's log as far back as anybody looks, and what comes. */

/** @import { Event as HubEvent } from "./conference.js" */

const PAGE = 500;
/** More than so many are not kept while a conference goes on: what is older can be asked for again. */
const KEPT = 5_000;

/** Dispatches `change`. */
export class History extends EventTarget {
  /** @type {HubEvent[]} in their order, without a gap */
  events = [];
  /** All that the hub has is here. */
  isWhole = false;
  #connection;
  #watch;
  /** @type {Promise<boolean>|null} */
  #asked = null;

  /** @param {import("./connection.js").Connection} connection @param {import("./watch.js").Watch} watch */
  constructor(connection, watch) {
    super();
    this.#connection = connection;
    this.#watch = watch;
    watch.addEventListener("change", (/** @type {any} */ { detail }) => this.#became(detail));
  }

  /** The number of the first event that is here. */
  get #first() {
    return this.events[0]?.seq ?? this.#watch.state.seq + 1;
  }

  /** The page before what is here; whoever asks for it meanwhile waits for the same. @returns {Promise<boolean>} whether it came */
  loadEarlier() {
    this.#asked ??= this.#load().finally(() => (this.#asked = null));
    return this.#asked;
  }

  async #load() {
    if (this.isWhole || this.#watch.state.seq === 0) return false;
    const before = this.#first;
    const after = Math.max(0, before - 1 - PAGE);
    const asked = this.#connection.call("getEvents", { id: this.#watch.id, after, limit: PAGE });
    const answer = await asked.catch(() => null);
    if (answer === null || before !== this.#first) return false;
    this.events = [...answer.events.filter((/** @type {HubEvent} */ { seq }) => seq < before), ...this.events];
    this.isWhole = after === 0 || answer.trimmed !== undefined;
    this.#changed();
    return true;
  }

  /** All that the hub still has. @returns {Promise<boolean>} whether all of it is here */
  async loadAll() {
    while (!this.isWhole && (await this.loadEarlier()));
    return this.isWhole;
  }

  /** A snapshot stands for events that nobody has told. @param {import("./watch.js").Change} change */
  #became({ event }) {
    const last = this.events.at(-1)?.seq;
    if (event && (last === undefined || event.seq === last + 1)) this.#add(event);
    else if (!event || last === undefined || event.seq > last) this.#forget();
    this.#changed();
  }

  /** @param {HubEvent} event */
  #add(event) {
    this.events.push(event);
    if (this.events.length < 2 * KEPT) return;
    this.events = this.events.slice(-KEPT);
    this.isWhole = false;
  }

  #forget() {
    this.events = [];
    this.isWhole = false;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
