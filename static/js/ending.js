/** Why somebody is let in no more: from the codes with which the hub closes, see docs/clients.md. Pure. */

const EXPIRED = 4010;
const UNAUTHENTICATED = 4501;
const REVOKED = 4503;
const ABUSE = 4504;

/**
 * @param {import("./status.js").Status} status of the connection
 * @param {{token: string|null, conference: string|null, claims: {expiresAt: Date|null}}} me
 * @param {Date} now
 * @returns {string|null} a word of i18n.js; "" where nobody had signed in; null: it is not because of who we are
 */
export function whyOut({ isFinal, reason }, { token, conference, claims }, now = new Date()) {
  const code = Number(/^closed with (\d+)/.exec(reason)?.[1]);
  if (!isFinal || code === ABUSE) return null;
  if (!token) return code === UNAUTHENTICATED ? "" : null;
  const by = conference ? "link" : "key";
  if (code === REVOKED) return `${by}Revoked`;
  return code === EXPIRED || (claims.expiresAt && claims.expiresAt <= now) ? `${by}Expired` : `${by}Refused`;
}
