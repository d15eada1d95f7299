/**
 * Who was in a conference: one entry for each call, from its events. Pure.
 *
 * @typedef {import("./conference.js").Event} Event
 * @typedef {import("./conference.js").Row} Row
 * @typedef {Row & {remover: string|null}} Call the person as they were when this call was over
 */

import { call, removers } from "./log.js";

/**
 * Calls stand in the order in which people came on the roster, and those of one person in theirs. Somebody who was only
 * on the roster has one entry, of no call.
 * @param {Event[]} events as far as the hub still has them
 * @param {Iterable<Row>} rows those of the end: they count where the events are gone
 * @returns {Call[]}
 */
export function attendance(events, rows) {
  /** @type {Map<string, Map<number, Row>>} by the key of the person and the number of the attempt */
  const people = new Map();
  const told = events.filter(({ type }) => type !== "participant.removed").flatMap(({ participant }) => participant ?? []);
  for (const row of [...told, ...rows]) keep(people, row);
  const by = removers(events);
  return [...people.values()].flatMap(callsOf).map((row) => ({ ...row, remover: by.get(call(row)) ?? null }));
}

/** @param {Map<string, Map<number, Row>>} people @param {Row} row */
function keep(people, row) {
  people.set(row.key, (people.get(row.key) ?? new Map()).set(row.attempt, row));
}

/** An attempt 0 was before the first call. @param {Map<number, Row>} attempts */
function callsOf(attempts) {
  const calls = [...attempts.values()].sort((a, b) => a.attempt - b.attempt);
  return calls.length > 1 ? calls.filter(({ attempt }) => attempt > 0) : calls;
}

/** Of all calls: people who were inside at all, and the seconds of all together. @param {Call[]} calls */
export function summary(calls) {
  const inside = calls.filter(({ joinedAt }) => joinedAt);
  return {
    people: new Set(calls.map(({ key }) => key)).size,
    inside: new Set(inside.map(({ key }) => key)).size,
    seconds: inside.reduce((sum, { duration }) => sum + (duration ?? 0), 0),
  };
}
