/** Reading pasted text as people to invite. */

/**
 * One person a line: a number, then a name, in any order of digits and words.
 * @param {string} text
 */
export function people(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const number = line.match(/\+?[\d][\d\s()-]*/)?.[0].trim() ?? line;
    return { id: "", number, name: line.replace(number, "").replace(/^[\s,;]+|[\s,;]+$/g, "") };
  });
}
