/**
 * Which rows are selected: values that are never changed, only replaced. Pure.
 *
 * @typedef {{keys: ReadonlySet<string>, anchor: string|null}} Selection `anchor`: where a range begins
 */

/** @type {Selection} */
export const nobody = { keys: new Set(), anchor: null };

/** @param {Selection} selection @param {string} key @returns {Selection} */
export function toggle({ keys }, key) {
  const changed = new Set(keys);
  if (!changed.delete(key)) changed.add(key);
  return { keys: changed, anchor: key };
}

/**
 * From the anchor to this row, as the rows are shown; what the anchor is, selected or not, all of them become.
 * @param {Selection} selection @param {string} key @param {string[]} shown @returns {Selection}
 */
export function range({ keys, anchor }, key, shown) {
  const [from, to] = [shown.indexOf(anchor ?? key), shown.indexOf(key)];
  if (from < 0 || to < 0) return toggle({ keys, anchor }, key);
  const between = shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  const changed = new Set(keys);
  const isWanted = anchor === null || keys.has(anchor);
  for (const each of between) isWanted ? changed.add(each) : changed.delete(each);
  return { keys: changed, anchor };
}

/** So that a range has where to begin: from this row, if nobody is selected. @param {Selection} selection @param {string} [key] @returns {Selection} */
export function begun(selection, key) {
  return key === undefined || selection.keys.size > 0 ? selection : toggle(selection, key);
}

/**
 * All that are shown; where they are selected already, none of them.
 * @param {Selection} selection @param {string[]} shown @returns {Selection}
 */
export function all({ keys }, shown) {
  const isWhole = shown.length > 0 && shown.every((key) => keys.has(key));
  const changed = new Set(keys);
  for (const key of shown) isWhole ? changed.delete(key) : changed.add(key);
  return { keys: changed, anchor: null };
}

/** Without those who are not there any more. @param {Selection} selection @param {{has: (key: string) => boolean}} known */
export function among(selection, known) {
  const left = [...selection.keys].filter((key) => known.has(key));
  return left.length === selection.keys.size ? selection : { keys: new Set(left), anchor: selection.anchor };
}
