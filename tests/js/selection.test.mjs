import assert from "node:assert/strict";
import test from "node:test";

import { all, among, begun, nobody, range, toggle } from "../../static/js/selection.js";

const SHOWN = [..."abcdef"];
const selected = ({ keys }) => [...keys].sort().join("");
const pick = (...keys) => keys.reduce(toggle, nobody);

test("a row is selected and no longer selected", () => {
  assert.equal(selected(pick("b", "d")), "bd");
  assert.equal(selected(pick("b", "d", "b")), "d");
});

test("a range goes from the last row to this one, up and down", () => {
  assert.equal(selected(range(pick("b"), "e", SHOWN)), "bcde");
  assert.equal(selected(range(pick("e"), "b", SHOWN)), "bcde");
});

test("a second range goes from the same row", () => {
  assert.equal(selected(range(range(pick("c"), "e", SHOWN), "a", SHOWN)), "abcde");
});

test("a range from a row that was taken out takes out", () => {
  assert.equal(selected(range(toggle(all(nobody, SHOWN), "b"), "d", SHOWN)), "aef");
});

test("without an anchor that is shown a range is a row", () => {
  assert.equal(selected(range(nobody, "c", SHOWN)), "c");
  assert.equal(selected(range(pick("z"), "c", SHOWN)), "cz");
});

test("a range by keyboard begins at the row that one comes from, unless one has begun", () => {
  assert.equal(selected(range(begun(nobody, "b"), "c", SHOWN)), "bc");
  assert.equal(selected(range(begun(pick("d"), "c"), "b", SHOWN)), "bcd");
});

test("all that are shown are selected, and once they are, none of them", () => {
  assert.equal(selected(all(pick("z"), SHOWN)), "abcdefz");
  assert.equal(selected(all(all(pick("z"), SHOWN), SHOWN)), "z");
  assert.equal(selected(all(nobody, [])), "");
});

test("whoever is off the roster is not selected, and nothing changes where all are there", () => {
  const selection = pick("b", "z");
  assert.equal(selected(among(selection, new Set(SHOWN))), "b");
  assert.equal(among(selection, new Set("bz")), selection);
});
