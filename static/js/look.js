/**
 * What somebody has made of the view of a conference: kept while it is watched, and found again in the other language.
 *
 * @import { Choice } from "./choose.js"
 * @import { Connection } from "./connection.js"
 * @import { Selection } from "./selection.js"
 * @import { Watch } from "./watch.js"
 */

import { everybody } from "./choose.js";
import { History } from "./history.js";
import { all, among, begun, nobody, range, toggle } from "./selection.js";
import { HubClock } from "./timing.js";

/** @type {WeakMap<Watch, Look>} */
const looks = new WeakMap();

/** Dispatches `change` when there is another choice or selection. */
export class Look extends EventTarget {
  /** @type {Choice} */
  choice = everybody;
  /** @type {Selection} */
  selection = nobody;
  /** What was typed into the invitation and not sent. */
  draft = { text: "" };
  clock = new HubClock();

  /** @param {History} history */
  constructor(history) {
    super();
    this.history = history;
  }

  /** @param {Partial<Choice>} change */
  choose(change) {
    this.choice = { ...this.choice, ...change };
    this.#changed();
  }

  /** One way, the other way, as they stand on the roster. @param {Choice["sort"]} sort */
  sortBy(sort) {
    if (this.choice.sort !== sort) this.choose({ sort, isDown: false });
    else this.choose(this.choice.isDown ? { sort: "roster", isDown: false } : { isDown: true });
  }

  /** @param {string} key */
  toggle(key) {
    this.#select(toggle(this.selection, key));
  }

  /** @param {string} key @param {string[]} shown @param {string} [from] where it begins if nobody is selected */
  extend(key, shown, from) {
    this.#select(range(begun(this.selection, from), key, shown));
  }

  /** @param {string[]} shown */
  selectAll(shown) {
    this.#select(all(this.selection, shown));
  }

  clear() {
    this.#select(nobody);
  }

  /** Whoever is off the roster is not selected. @param {{has: (key: string) => boolean}} known */
  keep(known) {
    this.selection = among(this.selection, known);
  }

  /** @param {Selection} selection */
  #select(selection) {
    this.selection = selection;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {Connection} connection @param {Watch} watch @returns {Look} */
export function lookAt(connection, watch) {
  const look = looks.get(watch) ?? new Look(new History(connection, watch));
  looks.set(watch, look);
  return look;
}
