import assert from "node:assert/strict";
import test from "node:test";

import { jitter, retryAfter } from "../../static/js/backoff.js";

const withDice = (value, run) => {
  const random = Math.random;
  Math.random = () => value;
  try {
    return run();
  } finally {
    Math.random = random;
  }
};

test("the limit of a wait doubles up to fifteen seconds", () => {
  const limits = withDice(1, () => [0, 1, 2, 3, 4, 5, 6, 5000].map(jitter));
  assert.deepEqual(limits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test("a wait is anything between nothing and its limit", () => {
  assert.deepEqual([0, 0.25, 1].map((dice) => withDice(dice, () => jitter(1))), [0, 250, 1000]);
});

test("what the hub asks for is read wherever it says it", () => {
  assert.equal(retryAfter('{"retry_after_ms": 1234}'), 1234);
  assert.equal(retryAfter({ name: "too_many", retry_after_ms: 1234 }), 1234);
});

for (const nothing of ["", "slow", "{", "null", "7", "[]", '{"retry_after_ms": "soon"}', { retry_after_ms: -1 }, {}, undefined]) {
  test(`nothing is asked for by ${JSON.stringify(nothing)}`, () => assert.equal(retryAfter(nothing), 0));
}
