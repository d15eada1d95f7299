/**
 * Whether what is shown is so.
 *
 * @typedef {{state: "live"|"catching up"|"offline", since: Date, reason: string, isFinal: boolean}} Status
 *   `live` only while everything that the hub has told us to expect is here, and so since `since`. `reason` says why it
 *   is offline; with `isFinal` it stays so.
 */

/** Something with a `status`, which dispatches `status` when that changes. */
export class Reported extends EventTarget {
  /** @type {Status} */
  status = { state: "offline", since: new Date(), reason: "not connected yet", isFinal: false };

  /** @protected @param {Status["state"]} state @returns {boolean} whether anything is new */
  report(state, reason = "", isFinal = false) {
    const old = this.status;
    if (state === old.state && reason === old.reason && isFinal === old.isFinal) return false;
    this.status = { state, since: state === old.state ? old.since : new Date(), reason, isFinal };
    this.dispatchEvent(new Event("status"));
    return true;
  }
}
