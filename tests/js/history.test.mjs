import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../static/js/history.js";

/** A log of so many events, and whoever watches it at its end. */
function logOf(count) {
  const watch = Object.assign(new EventTarget(), { id: "1", state: { seq: count } });
  const events = Array.from({ length: count }, (_, index) => ({ seq: index + 1 }));
  const call = async (_, { after, limit }) => ({ events: events.slice(after, after + limit), seq: count, more: false });
  return new History({ call }, watch);
}

test("all of a log is there, also for whoever asks while a page of it is under way", async () => {
  const history = logOf(1203);
  history.loadEarlier();
  assert.equal(await history.loadAll(), true);
  assert.deepEqual(history.events.map(({ seq }) => seq), Array.from({ length: 1203 }, (_, index) => index + 1));
});

test("a page that does not come leaves what is there, and can be asked for again", async () => {
  const answers = [Promise.reject(new Error("offline")), { events: [{ seq: 1 }], seq: 1, more: false }];
  const watch = Object.assign(new EventTarget(), { id: "1", state: { seq: 1 } });
  const history = new History({ call: async () => answers.shift() }, watch);
  assert.equal(await history.loadEarlier(), false);
  assert.deepEqual([history.events, history.isWhole], [[], false]);
  assert.equal(await history.loadEarlier(), true);
  assert.deepEqual([history.events, history.isWhole], [[{ seq: 1 }], true]);
});
