import assert from "node:assert/strict";
import test from "node:test";

import { actsOn, buttonsOn, fates, fitting, request } from "../../static/js/acts.js";
import { EVERYBODY, numbers, offered } from "../../static/js/everybody.js";
import { wish } from "../../static/js/keyboard.js";
import { unique } from "../../static/js/people.js";
import { since, span } from "../../static/js/timing.js";

const row = (progress, more = {}) => ({ key: progress, id: "", number: "1", role: "participant", progress, muted: false, pending: null, callid: "c", ...more });
const CONFERENCE = { muted: "none", uncertain: null };

const OFFERED = {
  joined: ["mute", "kick"], added: ["call", "remove"], queued: ["cancel"], dialing: ["cancel"],
  left: ["redial", "remove"], kicked: ["redial", "remove"], busy: ["redial", "remove"], no_answer: ["redial", "remove"],
  rejected: ["redial", "remove"], failed: ["redial", "remove"], cancelled: ["redial", "remove"], unknown: ["settleIn", "settleOut", "cancel"],
};

for (const [progress, acts] of Object.entries(OFFERED)) {
  test(`to whoever is ${progress} can be done: ${acts}`, () => assert.deepEqual(actsOn(row(progress), CONFERENCE), acts));
}

test("whoever is muted can be unmuted, and whoever has no number is not called", () => {
  assert.deepEqual(actsOn(row("joined", { muted: true }), CONFERENCE), ["unmute", "kick"]);
  assert.deepEqual(actsOn(row("left", { number: "" }), CONFERENCE), ["remove"]);
});

test("of a call that the platform has never named nothing can be asked", () => {
  assert.deepEqual(actsOn(row("joined", { callid: undefined }), CONFERENCE), []);
});

test("where nobody knows whether a command was done, either can be asked for", () => {
  assert.deepEqual(actsOn(row("joined", { cause: "outcome_unknown" }), CONFERENCE), ["mute", "unmute", "kick"]);
});

const settled = (row, uncertain) => actsOn(row, { ...CONFERENCE, uncertain }).filter((act) => act.startsWith("settle"));

test("where fewer are counted than shown, those shown inside may be outside", () => {
  const fewer = { shown: 2, counted: 1 };
  assert.deepEqual(settled(row("joined"), fewer), ["settleOut"]);
  assert.deepEqual(settled(row("unknown"), fewer), ["settleIn", "settleOut"]);
  assert.deepEqual(settled(row("no_answer", { cause: "ring_timeout" }), fewer), []);
});

test("where more are counted than shown, those may be inside of whom nobody told the hub that they are not", () => {
  const more = { shown: 1, counted: 2 };
  const presumed = [
    row("no_answer", { cause: "ring_timeout" }), row("failed", { cause: "outcome_unknown" }),
    row("busy", { cause: "reconcile" }), row("left", { cause: "settled" }), row("cancelled", { cause: "cancelled" }),
  ];
  for (const each of presumed) assert.deepEqual(settled(each, more), ["settleIn"]);
  const known = [
    row("joined"), row("left", { cause: "hung_up" }), row("kicked", { cause: "kicked" }), row("busy", { cause: "busy" }),
    row("failed", { cause: "provider_refused: words (110026)" }), row("added"), row("queued"), row("dialing"),
  ];
  for (const each of known) assert.deepEqual(settled(each, more), []);
});

test("whoever is doubted has one button that asks", () => {
  assert.deepEqual(buttonsOn(row("unknown"), CONFERENCE), ["settle", "cancel"]);
  assert.deepEqual(buttonsOn(row("joined"), { ...CONFERENCE, uncertain: { shown: 2, counted: 1 } }), ["mute", "settle", "kick"]);
});

test("of many an act is asked for those to whom it can be done", () => {
  const rows = [row("joined"), row("busy"), row("joined", { key: "m", muted: true })];
  const inside = fitting("mute", rows, CONFERENCE);
  assert.deepEqual(request("mute", inside), { operation: "muteConf", params: { users: [{ key: "joined" }] } });
  assert.deepEqual(request("settleOut", inside).params, { users: [{ key: "joined", progress: "left" }] });
  assert.deepEqual(request("call", [row("added", { number: "12" })]).params, { users: [{ id: "", number: "12" }] });
});

test("each row has its own fate", () => {
  const [a, b] = [row("joined"), row("busy")];
  const error = { name: "unknown_target" };
  assert.deepEqual(fates([a, b], [{ ok: true }, { ok: false, error }]), { done: [a], failed: [{ row: b, error }] });
});

test("what is asked of everybody says of how many", () => {
  const rows = [row("joined", { role: "moderator", id: "mia" }), row("joined"), row("joined", { muted: true }), row("busy"), row("added")];
  const counted = Object.fromEntries(Object.entries(EVERYBODY).map(([what, { whom }]) => [what, whom(rows, "mia").length]));
  assert.deepEqual(counted, {
    muteAll: 2, muteAllBut: 1, muteAllButMe: 1, unmuteAll: 1, modeAll: 2, modeAllBut: 1, modeNone: 0, callAll: 2, redialAll: 1, kickAllBut: 2, kickAll: 3,
  });
  assert.equal(offered(rows, CONFERENCE, "mia").muteAllButMe, true);
  assert.equal(offered(rows, CONFERENCE, "noa").muteAllButMe, false);
  assert.deepEqual(numbers([row("left"), row("busy"), row("added", { number: "" })]), ["1"]);
});

test("a key is a wish unless somebody types or means the browser", () => {
  const key = (key, more = {}) => ({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
  assert.equal(wish(key("m"), false), "mute");
  assert.equal(wish(key("k", { repeat: true }), false), null);
  assert.equal(wish(key("M", { shiftKey: true }), false), "muteAll");
  assert.equal(wish(key("?", { shiftKey: true }), false), "help");
  assert.equal(wish(key("/"), true), null);
  assert.equal(wish(key("r", { ctrlKey: true }), false), null);
  assert.equal(wish(key("Escape"), true), "escape");
  assert.equal(wish(key("K", { shiftKey: true }), false), null);
});

test("nobody is invited twice, however their number is written", () => {
  const person = (number, name = "") => ({ id: "", number, name });
  const pasted = [person("13800000001"), person("+86 138-0000-0001", "Ada"), person("010 6500 0003", "Bob")];
  assert.deepEqual(unique(pasted), { people: [person("13800000001", "Ada"), person("010 6500 0003", "Bob")], repeated: 1 });
});

test("a span of time is read at a glance", () => {
  assert.deepEqual([0, 65, 3_725, -4].map(span), ["0:00", "1:05", "1:02:05", "0:00"]);
  assert.equal(since("2026-01-02T03:04:05Z", Date.parse("2026-01-02T03:04:15Z")), 10);
});
