import assert from "node:assert/strict";
import test from "node:test";

import { refusal, wordOf } from "../../static/js/refusals.js";
import { en } from "../../static/js/words/en.js";
import { zh } from "../../static/js/words/zh.js";

test("the cause of a row tells the platform's words and its code", () => {
  assert.deepEqual(refusal("provider_refused: 【会议】参数错误 (110127)"), { words: "【会议】参数错误", code: "110127" });
  assert.deepEqual(refusal("provider_refused: a: b (1) (110127)"), { words: "a: b (1)", code: "110127" });
  assert.deepEqual(refusal("provider_refused: 110127"), { words: "", code: "110127" });
  assert.deepEqual(refusal("provider_refused: 余额不足"), { words: "余额不足", code: "" });
});

test("no other cause is a refusal", () => {
  assert.equal(refusal("provider_refused"), null);
  assert.equal(refusal("outcome_unknown"), null);
});

test("a code that is known is said in both languages, and one that is not has no word", () => {
  for (let code = 110000; code < 170000; code++) {
    const word = wordOf(String(code));
    assert.ok(word === undefined || (en[word] && zh[word]), word);
  }
  assert.equal(wordOf("111142"), "x_balance");
  assert.equal(wordOf("999999"), undefined);
  assert.equal(wordOf("constructor"), undefined);
});
