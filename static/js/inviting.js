/**
 * Having people called: as many at a time as the hub takes, and nobody is lost because of another. Pure but for `ask`.
 *
 * @typedef {import("./acts.js").Result} Result
 * @typedef {import("./people.js").Person} Person
 */

import { resultsOf } from "./acts.js";
import { RpcError } from "./errors.js";

/** With the longest names these are less than a message may have (`MAX_MESSAGE` in hub/push/limits.py). */
export const AT_ONCE = 500;

/**
 * @param {(users: Person[]) => Promise<{results: Result[]}>} ask
 * @param {Person[]} users
 * @returns {Promise<{results: Result[], error: unknown}>} in the order of `users`; those after an error have no result
 */
export async function callAll(ask, users) {
  /** @type {Result[]} */
  const results = [];
  try {
    while (results.length < users.length) {
      const next = users.slice(results.length, results.length + AT_ONCE);
      results.push(...(await callSome(ask, next)));
    }
    return { results, error: null };
  } catch (error) {
    return { results, error };
  }
}

/**
 * Whom the hub will not read is left out, and the others are asked for again: nothing has been done for them.
 * @param {(users: Person[]) => Promise<{results: Result[]}>} ask @param {Person[]} users @returns {Promise<Result[]>}
 */
async function callSome(ask, users) {
  /** @type {Map<Person, Result>} */
  const refused = new Map();
  for (;;) {
    const asked = users.filter((user) => !refused.has(user));
    try {
      const results = (asked.length ? await answerOf(ask(asked)) : []).values();
      return users.map((user) => refused.get(user) ?? results.next().value ?? { ok: false });
    } catch (error) {
      const { user, result } = refusalOf(error, asked);
      refused.set(user, result);
    }
  }
}

/** @param {Promise<{results: Result[]}>} answer */
async function answerOf(answer) {
  try {
    return (await answer).results;
  } catch (error) {
    const results = resultsOf(error);
    if (results) return results;
    throw error;
  }
}

/** Of whom the error speaks; throws it if it speaks of nobody. @param {unknown} error @param {Person[]} asked */
function refusalOf(error, asked) {
  if (!(error instanceof RpcError)) throw error;
  const [, place, field] = /^users\[(\d+)\]\.?(\w*)/.exec(error.data.path ?? "") ?? [];
  const user = asked[Number(place)];
  if (!user) throw error;
  return { user, result: { ok: false, error: { name: `refused_${field}`, message: error.message } } };
}
