import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { apply, fromSnapshot, GapError, nothing } from "../../static/js/conference.js";

const folder = new URL("../journeys/", import.meta.url);
const journeys = readdirSync(folder).map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")));
const roster = (state) =>
  [...state.participants.values()].map((row) => [row.key, row.name, row.state, row.progress, row.muted, row.pending]);

for (const { name, steps } of journeys) {
  test(`the page walks the journey: ${name}`, () => {
    let state = nothing;
    for (const { why, events, roster: expected } of steps) {
      state = events.reduce(apply, state);
      assert.deepEqual(roster(state), expected, why);
    }
  });

  test(`a snapshot anywhere and the events after it come to the same: ${name}`, () => {
    const events = steps.flatMap((step) => step.events);
    const whole = events.reduce(apply, nothing);
    for (let cut = 2; cut <= events.length; cut++) {
      const { seq, conference, participants } = events.slice(0, cut).reduce(apply, nothing);
      const snapshot = fromSnapshot({ seq, conference, participants: [...participants.values()] });
      assert.deepEqual(events.slice(cut).reduce(apply, snapshot), whole);
    }
  });

  test(`an event told twice changes nothing: ${name}`, () => {
    const events = steps.flatMap((step) => step.events);
    const twice = events.flatMap((event) => [event, event]);
    assert.deepEqual(twice.reduce(apply, nothing), events.reduce(apply, nothing));
  });
}

test("a missing event is noticed", () => {
  const [first, , third] = journeys[0].steps.flatMap((step) => step.events);
  assert.throws(() => apply(apply(nothing, first), third), GapError);
});

test("an event of an unknown type is applied by the row it carries", () => {
  const events = journeys[0].steps.flatMap((step) => step.events);
  const strange = events.map((event) => ({ ...event, type: "participant.teleported" }));
  assert.deepEqual(strange.reduce(apply, nothing), events.reduce(apply, nothing));
});
