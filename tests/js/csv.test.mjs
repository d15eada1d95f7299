import assert from "node:assert/strict";
import test from "node:test";

import { csv } from "../../static/js/csv.js";

const cell = (value) => csv([[value]]).replace(/^\ufeff/, "").replace(/\r\n$/, "");

test("a table is UTF-8 as Excel knows it, a line for each row", () => {
  assert.equal(csv([["姓名", "n"], ["李雷", 2]]), "\ufeff姓名,n\r\n李雷,2\r\n");
});

for (const text of ["=1+1", "+86138", "-2", "@sum", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"]) {
  test(`no spreadsheet runs ${JSON.stringify(text)}`, () => assert.match(cell(text), /^"?'/));
}

test("what only has such a letter inside stays as it is", () => assert.equal(cell("a=b"), "a=b"));
test("a number is a number", () => assert.equal(cell(-5), "-5"));
test("nothing is an empty cell", () => assert.equal(cell(null), ""));
test("commas and quotes stay in their cell", () => assert.equal(cell('a,"b"'), '"a,""b"""'));
test("no text begins another line", () => assert.equal(cell("a\r\n=b\u2028c"), "a\ufffd\ufffd=b\ufffdc"));
