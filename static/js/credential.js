/**
 * What a token says of itself, to be shown; only the hub can tell whether it is true, and it looks at every request.
 *
 * @typedef {{uid: string, role: string, appid: string|null, expiresAt: Date}} Claims
 */

const LADDER = ["listener", "moderator", "owner", "app", "admin"];

/**
 * @param {string} token a JSON Web Token
 * @returns {Claims|null} null: it is no token of the hub's, or not all of one
 */
export function claims(token) {
  try {
    const [, payload] = token.split(".");
    const { sub, role, app, exp } = JSON.parse(text(payload));
    return LADDER.includes(role) && exp ? { uid: sub, role, appid: app, expiresAt: new Date(exp * 1000) } : null;
  } catch {
    return null;
  }
}

/** Whoever stands higher may do all that those below may. @param {string} role @param {string} least */
export function isAtLeast(role, least) {
  return LADDER.indexOf(role) >= LADDER.indexOf(least);
}

/** @param {string} base64url */
function text(base64url) {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
}
