/**
 * What the address says after its `#`: which conference, and the secret of a link. Pure: taking the secret out of the
 * address again is for whoever reads it here.
 *
 * @param {string} hash `#60000001`, `#60000001?token=…` or `#?sign-in=…`
 * @returns {{id: string, token: string|null, ticket: string|null}}
 */
export function read(hash) {
  const [, name, query] = /** @type {RegExpMatchArray} */ (hash.match(/^#?([^?]*)\??(.*)$/s));
  const given = new URLSearchParams(query);
  return { id: decoded(name), token: given.get("token"), ticket: given.get("sign-in") };
}

/** What names a conference in the address, and nothing else. @param {string} id */
export function write(id) {
  return `#${encodeURIComponent(id)}`;
}

/** What cannot be read is taken as it stands. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
