import assert from "node:assert/strict";
import test from "node:test";

import { isForGood, tokenOf } from "../../static/js/token.js";

test("what a refusal means, to a string and to a function", () => {
  const means = [
    [1401, true, false],
    [1002, true, true],
    [-32602, true, true],
    [1429, false, false],
    [1503, false, false],
    [-32603, false, false],
  ];
  assert.deepEqual(means.map(([code]) => [code, isForGood({ code }, false), isForGood({ code }, true)]), means);
});

test("a token function may do what it likes, and never rejects", async () => {
  const said = [
    () => "t",
    async () => "t",
    () => "",
    () => 5,
    () => { throw new TypeError("with a secret"); },
    () => Promise.reject("a secret"),
    () => new Promise(() => {}),
  ];
  const answers = await Promise.all(said.map((each) => tokenOf(each, 20)));
  assert.deepEqual(answers, [
    { token: "t" },
    { token: "t" },
    { problem: "the token function gave no token" },
    { problem: "the token function gave no token" },
    { problem: "the token function failed: TypeError" },
    { problem: "the token function failed: string" },
    { problem: "the token function does not answer" },
  ]);
});
