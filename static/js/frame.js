/** Drawing no oftener than anybody can see. */

/** Where no frame is drawn, in a tab that nobody looks at, it is done after so long all the same. */
const UNSEEN_MS = 250;

/** However often it is called, `draw` runs once a frame. @param {() => void} draw @returns {() => void} */
export function onceAFrame(draw) {
  let frame = 0;
  let timer = 0;
  function run() {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = 0;
    draw();
  }
  return () => {
    if (frame) return;
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, UNSEEN_MS);
  };
}

/** At once, and then no sooner than so long after the last time. @param {number} ms @param {() => void} draw @returns {() => void} */
export function noOftenerThan(ms, draw) {
  let timer = 0;
  let last = -Infinity;
  function run() {
    timer = 0;
    last = performance.now();
    draw();
  }
  return () => {
    timer ||= setTimeout(run, Math.max(0, last + ms - performance.now()));
  };
}
