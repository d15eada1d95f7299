/** Tables as comma-separated values that a spreadsheet opens as they are: in any script, and without running anything. Pure. */

/** So that Excel takes it for UTF-8. */
const MARK = "\ufeff";
/** What spreadsheets take for the beginning of a formula, in full width too. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const NOT_PRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;

/** @param {(string|number|null)[][]} rows the first has the names of the columns */
export function csv(rows) {
  return MARK + rows.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

/** @param {string|number|null} value */
function cell(value) {
  const text = String(value ?? "");
  const safe = (FORMULA.test(text) && typeof value !== "number" ? `'${text}` : text).replace(NOT_PRINTABLE, "\ufffd");
  return /[",;']/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
