/** When it is time to look whether the hub is still there, and what it has said meanwhile. */

const TICK_MS = 1_000;
/** A tick that comes so late has been slept over: by a machine that was shut, or by a page that was frozen. */
const LATE_MS = 5_000;

/**
 * Until what it returns is called. A clock that is set forward is taken for a sleep, which does no harm.
 * @param {() => void} look the network came or went, or somebody looks at the page again
 * @param {() => void} wake what was so need not be so any more
 * @returns {() => void}
 */
export function listenForWaking(look, wake) {
  let tickedAt = Date.now();

  /** @returns {boolean} whether it was late */
  function tick() {
    const isLate = Date.now() - tickedAt > LATE_MS;
    tickedAt = Date.now();
    if (isLate) wake();
    return isLate;
  }

  const timer = setInterval(tick, TICK_MS);
  /** @type {[EventTarget|undefined, string, (event: any) => void][]} */
  const heard = [
    [globalThis.window, "online", look], [globalThis.window, "offline", look],
    [globalThis.window, "pageshow", ({ persisted }) => persisted && wake()],
    [globalThis.document, "visibilitychange", () => document.visibilityState === "visible" && (tick() || look())],
    [globalThis.document, "resume", wake],
  ];
  for (const [source, type, listener] of heard) source?.addEventListener(type, listener);
  return () => {
    clearInterval(timer);
    for (const [source, type, listener] of heard) source?.removeEventListener(type, listener);
  };
}
