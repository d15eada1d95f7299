/** Small drawings, of lines in the colour of the text around them. */

const SVG = "http://www.w3.org/2000/svg";

const PHONE = "M3 2.5h2.5l1.2 3.2L5.2 6.9a8 8 0 0 0 3.9 3.9l1.2-1.5 3.2 1.2V13a1 1 0 0 1-1 1A10.5 10.5 0 0 1 2 3.5a1 1 0 0 1 1-1Z";

/** @type {Record<string, string>} */
const PATHS = {
  mic: "M8 1.5a2 2 0 0 0-2 2v4a2 2 0 0 0 4 0v-4a2 2 0 0 0-2-2ZM3.5 7.5a4.5 4.5 0 0 0 9 0M8 12v2.5",
  micOff: "M6 5.2V3.5a2 2 0 0 1 4 0v4M3.5 7.5a4.5 4.5 0 0 0 7.4 3.4M12.2 9a4.5 4.5 0 0 0 .3-1.5M8 12v2.5M2 2l12 12",
  phone: PHONE,
  hangUp: PHONE,
  stop: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM5.5 5.5l5 5M10.5 5.5l-5 5",
  out: "M9.5 5V3a1 1 0 0 0-1-1H3a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h5.5a1 1 0 0 0 1-1v-2M6 8h8M11.5 5.5 14 8l-2.5 2.5",
  bin: "M2.5 4h11M6 4V2.5h4V4M4 4l.7 9.5h6.6L12 4M6.7 7v4M9.3 7v4",
  doubt: "M5 5.8a3 3 0 1 1 4.6 2.5C8.5 9 8 9.6 8 10.8M8 13.6h0",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.5 10.5 14 14",
  link: "M6.5 9.5a3 3 0 0 0 4.3 0l2.3-2.3a3 3 0 0 0-4.3-4.3L8 3.7M9.5 6.5a3 3 0 0 0-4.3 0L2.9 8.8a3 3 0 0 0 4.3 4.3l.8-.8",
  plus: "M8 3v10M3 8h10",
  down: "m4 6 4 4 4-4",
  keys: "M2 4h12v8H2zM4.5 6.5h0M7 6.5h0M9.5 6.5h0M12 6.5h0M5 9.5h6",
  people: "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.8a2.5 2.5 0 0 1 0 4.4M12 9.9c1.5.5 2.5 1.8 2.5 3.6",
};

/** @param {string} name of a path */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Which icon says which button of acts.js. @type {Record<string, string>} */
export const ICON_OF = {
  mute: "micOff", unmute: "mic", kick: "hangUp", redial: "phone", call: "phone", cancel: "stop", remove: "bin",
  settle: "doubt",
};
