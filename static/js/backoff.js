/** How long to wait before trying again. The twin of hub/client/breaks.py. */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * After so many attempts in a row that came to nothing: anything up to a limit that doubles.
 * @param {number} attempts
 */
export function jitter(attempts) {
  return Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts);
}

/**
 * What the reason of a close, or the data of an error, asks for; 0 where it says nothing of use.
 * @param {string|{retry_after_ms?: unknown}|null|undefined} said
 * @returns {number}
 */
export function retryAfter(said) {
  const wait = (typeof said === "string" ? read(said) : said)?.retry_after_ms;
  return typeof wait === "number" && wait > 0 ? wait : 0;
}

/** @param {string} text */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
