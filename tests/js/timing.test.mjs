import assert from "node:assert/strict";
import test from "node:test";

process.env.TZ = "Asia/Shanghai";
const { fullSpan, isSameDay, span, written, zoneAt, zoneName } = await import("../../static/js/timing.js");

test("a span in a file has its hours, so that no spreadsheet takes minutes for hours", () => {
  assert.deepEqual([0, 245, 3723, 90_000].map(fullSpan), ["0:00:00", "0:04:05", "1:02:03", "25:00:00"]);
});

test("a span on the page is as short as it can be", () => {
  assert.deepEqual([-1, 245, 3723].map(span), ["0:00", "4:05", "1:02:03"]);
});

test("a zone is called by how far it is from UTC", () => {
  assert.equal(zoneName(zoneAt("2026-11-25T16:00:00Z")), "UTC+08:00");
  assert.deepEqual([0, 345, -210].map(zoneName), ["UTC+00:00", "UTC+05:45", "UTC-03:30"]);
});

test("a time in a file is that of the zone that the file names", () => {
  assert.equal(written("2026-11-25T16:30:00.999Z", 480), "2026-11-26 00:30:00");
  assert.equal(written("2026-11-25T16:30:00Z", -210), "2026-11-25 13:00:00");
});

test("a day ends at midnight where somebody is", () => {
  assert.ok(isSameDay("2026-11-25T15:59:59Z", "2026-11-24T16:00:00Z"));
  assert.ok(!isSameDay("2026-11-25T15:59:59Z", "2026-11-25T16:00:00Z"));
});
