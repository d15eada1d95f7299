import assert from "node:assert/strict";
import test from "node:test";

import { ConnectionLost, RpcError } from "../../static/js/errors.js";
import { AT_ONCE, callAll } from "../../static/js/inviting.js";

const people = (count) => Array.from({ length: count }, (_, at) => ({ id: "", number: String(at), name: "" }));
const ok = { ok: true };

/** A hub that answers as it is told, one after another, and remembers whom it was asked for. */
function hub(...answers) {
  const asked = [];
  const ask = async (users) => {
    asked.push(users.map(({ number }) => number));
    const answer = answers.shift() ?? { results: users.map(() => ok) };
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { ask, asked };
}

const refused = (path) => new RpcError({ code: -32602, message: `${path}: too long`, data: { name: "invalid_params", path } });

test("many are asked for in parts that the hub takes", async () => {
  const { ask, asked } = hub();
  const { results, error } = await callAll(ask, people(2 * AT_ONCE + 1));
  assert.deepEqual(asked.map(({ length }) => length), [AT_ONCE, AT_ONCE, 1]);
  assert.equal(results.length, 2 * AT_ONCE + 1);
  assert.equal(error, null);
});

test("whom the hub will not read is left out, and all others are called", async () => {
  const { ask, asked } = hub(refused("users[1].name"), refused("users[1].number"));
  const { results } = await callAll(ask, people(4));
  assert.deepEqual(asked, [["0", "1", "2", "3"], ["0", "2", "3"], ["0", "3"]]);
  assert.deepEqual(results.map(({ ok, error }) => error?.name ?? ok), [true, "refused_name", "refused_number", true]);
});

test("where the hub will not read anybody nobody is asked for any more", async () => {
  const { ask, asked } = hub(refused("users[0].name"));
  assert.deepEqual((await callAll(ask, people(1))).results.map(({ ok }) => ok), [false]);
  assert.equal(asked.length, 1);
});

test("where all are refused each has its own reason", async () => {
  const results = [{ ok: false, error: { name: "roster_full" } }];
  const { ask } = hub(new RpcError({ code: 1008, message: "full", data: { results } }));
  assert.deepEqual(await callAll(ask, people(1)), { results, error: null });
});

test("an error that speaks of nobody ends it, and what was done before is known", async () => {
  const lost = new ConnectionLost("gone");
  const { ask } = hub({ results: people(AT_ONCE).map(() => ok) }, lost);
  const { results, error } = await callAll(ask, people(AT_ONCE + 1));
  assert.equal(results.length, AT_ONCE);
  assert.equal(error, lost);
});
