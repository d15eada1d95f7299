/**
 * Tokens as a connection shows them: where the next one comes from, and when one is no good. The twin of
 * hub/client/credential.py.
 *
 * @typedef {{token: string, problem?: undefined}|{token?: undefined, problem: string}} Given
 */

const UNAUTHENTICATED = 1401;
/** What the hub says of a moment and not of a credential. */
const FOR_NOW = [1429, 1503, -32603];

/**
 * Of the hub's answer to a credential. Another one may be good; what else is wrong with us stays wrong.
 * @param {{code: number}} error
 * @param {boolean} isRenewable
 */
export function isForGood({ code }, isRenewable) {
  return !FOR_NOW.includes(code) && !(code === UNAUTHENTICATED && isRenewable);
}

/**
 * What a token function gives, or why there is nothing: without its error's own text, which may quote a secret.
 * @param {() => string|Promise<string>} tokenFunction
 * @param {number} limitMs
 * @returns {Promise<Given>} never rejects
 */
export async function tokenOf(tokenFunction, limitMs) {
  let timer = 0;
  /** @type {Promise<Given>} */
  const late = new Promise((resolve) => (timer = setTimeout(resolve, limitMs, problem("does not answer"))));
  const given = Promise.resolve().then(tokenFunction).then(
    (/** @type {unknown} */ token) => (token && typeof token === "string" ? { token } : problem("gave no token")),
    (error) => problem(`failed: ${error instanceof Error ? error.name : typeof error}`),
  );
  const answer = await Promise.race([given, late]);
  clearTimeout(timer);
  return answer;
}

/** @param {string} what @returns {Given} */
function problem(what) {
  return { problem: `the token function ${what}` };
}
