import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { attendance, summary } from "../../static/js/attendance.js";
import { apply, nothing } from "../../static/js/conference.js";
import { actors, entries, isAbout, removers } from "../../static/js/log.js";

const folder = new URL("../journeys/", import.meta.url);
const journeys = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")));
const person = (key, progress, more = {}) => ({ key, name: `P${key}`, number: key, id: "", progress, attempt: 1, pending: null, overdue: false, duration: null, joinedAt: null, ...more });
const event = (seq, type, participant, actor = "provider", cause = null) => ({ seq, type, at: `2026-01-02T03:00:0${seq}Z`, actor, cause, participant });
const set = (seq, conference, actor = "user:mia") => ({ seq, type: "conference.changed", at: "2026-01-02T03:00:00Z", actor, cause: null, conference: { muted: "none", uncertain: null, hasPwd: false, ...conference } });

const EVENTS = [
  event(1, "participant.queued", person("1", "queued"), "user:mia"),
  event(2, "participant.joined", person("1", "joined", { joinedAt: "a" })),
  event(3, "participant.kicked", person("1", "kicked", { joinedAt: "a", duration: 30 }), "user:noa", "kicked"),
  event(4, "participant.queued", person("1", "queued", { attempt: 2 }), "user:mia"),
  event(5, "participant.failed", person("1", "busy", { attempt: 2 }), "provider", "busy"),
  event(6, "participant.added", person("2", "added", { attempt: 0 }), "user:mia"),
  event(7, "participant.removed", person("1", "removed", { attempt: 2 }), "user:mia"),
];

test("every call of a person is an entry, also of those who were taken off the roster", () => {
  const calls = attendance(EVENTS, [person("2", "added", { attempt: 0 })]);
  assert.deepEqual(calls.map(({ key, attempt, progress, remover }) => [key, attempt, progress, remover]),
    [["1", 1, "kicked", "noa"], ["1", 2, "busy", null], ["2", 0, "added", null]]);
  assert.deepEqual(summary(calls), { people: 2, inside: 1, seconds: 30 });
});

test("of a log of which the beginning is gone the rows say how it ended", () => {
  const calls = attendance(EVENTS.slice(4), [person("1", "left", { attempt: 3, joinedAt: "c", duration: 5 })]);
  assert.deepEqual(calls.map(({ key, attempt, progress }) => [key, attempt, progress]), [["1", 2, "busy"], ["2", 0, "added"], ["1", 3, "left"]].sort());
});

for (const { name, steps } of journeys) {
  test(`whoever is on the roster at the end of the journey is in its attendance as they are: ${name}`, () => {
    const events = steps.flatMap((step) => step.events);
    const rows = [...events.reduce(apply, nothing).participants.values()];
    const last = new Map(attendance(events, rows).map((call) => [call.key, call.progress]));
    for (const row of rows) assert.equal(last.get(row.key), row.progress);
  });

  test(`every line of the log of the journey is one of its events: ${name}`, () => {
    const events = steps.flatMap((step) => step.events);
    const told = new Set(events.map(({ seq }) => seq));
    for (const { seq, key } of entries(events)) assert.ok(told.has(seq) && key.startsWith("l_"), key);
  });
}

test("the log says who did what to whom, and leaves out what is only under way", () => {
  const pending = event(8, "participant.changed", person("1", "joined", { pending: "mute" }), "user:mia");
  assert.deepEqual(entries([...EVENTS.slice(0, 3), pending]).map(({ who, key, isDeed, person: { name } }) => [who, key, isDeed, name]), [
    ["mia", "l_participant_queued", true, "P1"],
    [null, "l_participant_joined", false, "P1"],
    ["noa", "l_participant_kicked", true, "P1"],
  ]);
});

test("a command that came to nothing or takes too long is a line", () => {
  const wanted = event(1, "participant.changed", person("1", "joined", { pending: "mute" }), "user:mia");
  const late = event(2, "participant.changed", person("1", "joined", { pending: "mute", overdue: true }), "hub");
  const lost = event(3, "participant.changed", person("1", "joined"), "provider", "reported_failed");
  assert.deepEqual(entries([wanted, late, lost]).map(({ key, tone }) => [key, tone]), [["l_overdue_mute", "bad"], ["l_lost_mute", "bad"]]);
});

test("what is set for the conference is a line where it changes", () => {
  const events = [set(1, {}), set(2, { muted: "all" }), set(3, { muted: "all", hasPwd: true }), set(4, { muted: "all", hasPwd: true, uncertain: { shown: 1, counted: 2 } })];
  assert.deepEqual(entries(events).map(({ key }) => key), ["l_mode_all", "l_password", "l_uncertain"]);
});

test("the log is of a person where they did it or it was done to them", () => {
  const all = entries(EVENTS);
  assert.deepEqual(all.filter((entry) => isAbout(entry, "user:noa")).map(({ seq }) => seq), [3]);
  assert.deepEqual(all.filter((entry) => isAbout(entry, "2")).map(({ seq }) => seq), [6]);
  assert.equal(all.filter((entry) => isAbout(entry, "")).length, all.length);
  assert.deepEqual(actors(all), ["mia", "noa"]);
  assert.deepEqual([...removers(EVENTS)], [["1/1", "noa"]]);
});
