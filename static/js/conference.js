/**
 * The reducer: a conference as of event `seq`, and what an event makes of it. The twin of the hub's own evolve().
 * Rows come in full, so an unknown type of event is applied by what it carries.
 *
 * @typedef {{key: string, callid?: string, id: string, number: string, name: string, role: string, state: 0|1|2,
 *   progress: string, muted: boolean, pending: string|null, overdue: boolean, cause: string|null, attempt: number,
 *   queuedAt: string|null, dialedAt: string|null, joinedAt: string|null, leftAt: string|null, endedAt: string|null,
 *   duration: number|null, unidentified: boolean}} Row
 * @typedef {{id: string, uid: string, appid: string, vid: string, name: string, ctime: string, hasPwd: boolean, startsAt: string|null,
 *   state: string, pending: string|null, overdue: boolean, cause: string|null, startedAt: string|null,
 *   endedAt: string|null, muted: string, uncertain: {shown: number, counted: number}|null}} Conference
 * @typedef {{seq: number, type: string, at: string, actor: string, origin: string, cause: string|null,
 *   participant?: Row, conference?: Conference}} Event
 * @typedef {{seq: number, conference: Conference|null, participants: ReadonlyMap<string, Row>}} State
 */

/** @type {State} */
export const nothing = { seq: 0, conference: null, participants: new Map() };

/** An event that does not continue the state: something in between is missing. */
export class GapError extends Error {}

/**
 * A snapshot replaces whatever was known.
 * @param {{seq: number, conference: Conference, participants: Row[]}} snapshot
 * @returns {State}
 */
export function fromSnapshot({ seq, conference, participants }) {
  return { seq, conference, participants: new Map(participants.map((row) => [row.key, row])) };
}

/**
 * @param {State} state
 * @param {Event} event one already known changes nothing
 * @returns {State}
 * @throws {GapError}
 */
export function apply(state, event) {
  if (event.seq <= state.seq) return state;
  if (event.seq !== state.seq + 1) throw new GapError(`event ${event.seq} does not follow ${state.seq}`);
  const { participant: row, conference = state.conference } = event;
  const participants = row ? changed(state.participants, row, event.type) : state.participants;
  return { seq: event.seq, conference, participants };
}

/** @param {ReadonlyMap<string, Row>} participants @param {Row} row @param {string} type of the event that carries it */
function changed(participants, row, type) {
  const rows = new Map(participants).set(row.key, row);
  if (type === "participant.removed") rows.delete(row.key);
  return rows;
}
