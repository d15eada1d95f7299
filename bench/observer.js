/**
 * What page.py wants to know, watched from inside the page without a word of how the page is made: a row is what has the
 * role of one, and which event it shows is what stands in it as `(#…)`.
 */

const MARK = /\(#(\d+)\)/;
const observed = {
  /** Lengths in ms of the tasks of 50 ms and more. @type {number[]} */
  longTasks: [],
  /** Of an event, when the frame that shows it had been painted. @type {Record<number, number>} */
  painted: {},
  /** How many rows one task touched, and how many events they show. @type {{rows: number, events: number}[]} */
  touches: [],
  count() {
    return document.querySelectorAll("tr, [role=row]").length;
  },
  forget() {
    Object.assign(this, { longTasks: [], painted: {}, touches: [] });
  },
};
globalThis.observed = observed;

new PerformanceObserver((list) => {
  observed.longTasks.push(...list.getEntries().map((entry) => entry.duration));
}).observe({ type: "longtask" });

const now = () => performance.timeOrigin + performance.now();
const seen = new Set();

/** After the next frame: what a task posts from there comes once it has been painted. */
function onPainted(run) {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = run;
    channel.port2.postMessage(null);
  });
}

function rowOf(node) {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest("tr, [role=row]") ?? null;
}

function look(records) {
  const nodes = records.flatMap(({ target, addedNodes }) => [target, ...addedNodes]);
  const rows = new Set(nodes.map(rowOf).filter((row) => row !== null));
  const marks = [...rows].map((row) => Number(MARK.exec(row.textContent)?.[1] ?? 0));
  const events = marks.filter((mark) => mark > 0 && !seen.has(mark));
  for (const event of events) seen.add(event);
  if (rows.size) observed.touches.push({ rows: rows.size, events: events.length });
  if (events.length) onPainted(() => events.forEach((event) => (observed.painted[event] = now())));
}

new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
