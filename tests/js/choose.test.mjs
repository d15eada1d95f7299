import assert from "node:assert/strict";
import test from "node:test";

import { choose, counts, everybody } from "../../static/js/choose.js";

const row = (key, name, progress, more = {}) =>
  ({ key, id: "", number: `1380000000${key}`, name, progress, muted: false, unidentified: false, joinedAt: null, ...more });
const ROWS = [
  row("1", "Ada", "joined", { muted: true, joinedAt: "2026-01-02T03:00:00Z" }),
  row("2", "bob", "busy"),
  row("3", "Cyd", "joined", { joinedAt: "2026-01-02T03:05:00Z", unidentified: true }),
  row("4", "ada the second", "left"),
  row("5", "Eve", "dialing"),
  row("6", "Fay", "kicked"),
  row("7", "李雷", "added", { id: "lilei", number: "+86 138-0000-0007" }),
  row("8", "Gus", "no_answer"),
];
const compare = (a, b) => a.localeCompare(b, "en", { sensitivity: "base" });
const keys = (change, rows = ROWS) => choose(rows, { ...everybody, ...change }, compare).map(({ key }) => key).join("");

test("everybody stands in the order of the roster", () => assert.equal(keys({}), "12345678"));

test("each filter shows and counts the same people", () => {
  const found = counts(ROWS);
  for (const [filter, count] of Object.entries(found)) assert.equal(keys({ filter }).length, count, filter);
  assert.deepEqual(found, { all: 8, in: 2, muted: 1, calling: 1, failed: 2, left: 2, unidentified: 1 });
});

test("people are found by a part of their name or id in any case", () => {
  assert.equal(keys({ text: " ADA " }), "14");
  assert.equal(keys({ text: "李" }), "7");
  assert.equal(keys({ text: "LiLei" }), "7");
});

test("and by a part of their number, however it is written", () => {
  assert.equal(keys({ text: "138 0000 0007" }), "7");
  assert.equal(keys({ text: "13800000007" }), "7");
  assert.equal(keys({ text: "０００００２" }), "2");
  assert.equal(keys({ text: "999" }), "");
});

test("a search and a filter both hold", () => assert.equal(keys({ text: "ada", filter: "in" }), "1"));

test("by name, both ways", () => {
  assert.equal(keys({ sort: "name" }).slice(0, 7), "1423568");
  assert.equal(keys({ sort: "name", isDown: true }).slice(1), "8653241");
});

test("those of the same state stay as they are on the roster, both ways", () => {
  assert.equal(keys({ sort: "state" }), "13528746");
  assert.equal(keys({ sort: "state", isDown: true }), "64782513");
});

test("whoever came in last comes first by time", () => assert.equal(keys({ sort: "time" }), "31245678"));

test("choosing changes nothing", () => {
  const before = structuredClone(ROWS);
  keys({ sort: "name", text: "a" });
  assert.deepEqual(ROWS, before);
});
