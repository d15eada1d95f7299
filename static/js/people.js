/**
 * Reading pasted text as people to invite. Where it is not certain which digits are the number, the line is left to the
 * moderator: a wrong guess would call a stranger.
 *
 * @typedef {{id: string, number: string, name: string}} Person
 */

const SEPARATORS = /[\t,;|,;、]+/;
const NUMBER_LIKE = /^\+?[\d().\-/]*\d[\d().\-/]*$/;
const FEWEST_DIGITS = 3;
const WHOLE_NUMBER_DIGITS = 11;

/**
 * @param {string} text one or more people a line
 * @returns {{people: Person[], unclear: string[]}} `unclear`: lines in which no number, or more than one, may be meant
 */
export function read(text) {
  /** @type {Person[]} */
  const people = [];
  /** @type {string[]} */
  const unclear = [];
  for (const line of text.split("\n").map((each) => each.normalize("NFKC").trim()).filter(Boolean)) {
    const found = readLine(line);
    if (found) people.push(...found);
    else unclear.push(line);
  }
  return { people, unclear };
}

/**
 * Nobody twice, however the number is written: the first stays, with the name that it has or gets.
 * @param {Person[]} people
 * @returns {{people: Person[], repeated: number}}
 */
export function unique(people) {
  /** @type {Map<string, Person>} */
  const known = new Map();
  for (const person of people) {
    const digits = digitsOf(person.number);
    const first = known.get(digits);
    known.set(digits, first ? { ...first, name: first.name || person.name } : person);
  }
  return { people: [...known.values()], repeated: people.length - known.size };
}

/**
 * As the hub tells numbers apart: a mainland mobile number is the same with and without its country code.
 * @param {string} number
 */
function digitsOf(number) {
  return number.replace(/\D/g, "").replace(/^(?:00)?86(?=1\d{10}$)/, "");
}

/** @param {string} line @returns {Person[]|null} */
function readLine(line) {
  const texts = line.split(SEPARATORS).map((text) => text.trim()).filter(Boolean);
  const fields = texts.map(readField).filter((field) => field !== null);
  if (fields.length < texts.length) return null;
  const numbered = fields.filter(({ number }) => number);
  if (numbered.length === fields.length) return fields;
  if (numbered.length !== 1) return null;
  const name = fields.map((field) => field.name).filter(Boolean).join(" ");
  return [{ id: "", number: numbered[0].number, name }];
}

/** A number and words in any order; `number` is empty if there is none. @param {string} field @returns {Person|null} */
function readField(field) {
  const tokens = field.split(/\s+/);
  const first = tokens.findIndex((token) => NUMBER_LIKE.test(token));
  const rest = first < 0 ? [] : tokens.slice(first);
  const length = rest.findIndex((token) => !NUMBER_LIKE.test(token));
  const run = length < 0 ? rest : rest.slice(0, length);
  const words = [...tokens.slice(0, Math.max(first, 0)), ...(first < 0 ? tokens : rest.slice(run.length))];
  if (words.some((word) => NUMBER_LIKE.test(word)) || !isOneNumber(run)) return null;
  return { id: "", number: run.join(" "), name: words.join(" ") };
}

/**
 * Several parts are one number unless one of them is a whole number already; a country code may stand before it.
 * @param {string[]} run
 */
function isOneNumber(run) {
  if (run.length === 0) return true;
  const digits = run.map((part) => part.replace(/\D/g, "").length);
  if (digits.reduce((sum, count) => sum + count) < FEWEST_DIGITS) return false;
  return run.length === 1 || run[0].startsWith("+") || Math.max(...digits) < WHOLE_NUMBER_DIGITS;
}
