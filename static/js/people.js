/**
 * Reading pasted text as people to invite. Where it is not certain which digits are the number, the line is left to the
 * moderator: a wrong guess would call a stranger.
 *
 * @typedef {{id: string, number: string, name: string}} Person
 * @typedef {{line: string, why: "unclear"|"noNumber"|"longName"|"longNumber"}} Left what nobody is called for, and why
 */

/** In characters, as the hub allows them (`Invited` in hub/api/params.py). @type {Record<string, number>} */
export const LONGEST = { longName: 256, longNumber: 64 };

const SEPARATORS = "\\t,;|、:";
const FIELD = new RegExp(`\\s*(?:["“]((?:[^"“”]|"")*)["”]\\s*(?=[${SEPARATORS}]|$)|([^${SEPARATORS}]+))`, "g");
const NUMBER_LIKE = /^\+?[\d().\-/]*\d[\d().\-/]*$/;
const FEWEST_DIGITS = 3;
/** Of one number: as it is dialled inside a country, and from outside. */
const MOST_DIGITS = 13;
const MOST_DIGITS_ABROAD = 18;
/** So many are a whole number by themselves. */
const WHOLE_NUMBER_DIGITS = 11;
/** So many on each side of a sign are two numbers. */
const LANDLINE_DIGITS = 7;

const LATIN_HEADING = "(?:(?:mobile|cell|tele)?phone|mobile|cell|tel|number)";
const HAN_HEADING = "(?:联系)?(?:电话|手机|号码|方式)+号?";
const LABEL = new RegExp(`(?:\\b(?:${LATIN_HEADING}|name)|${HAN_HEADING}|姓名)\\s*:\\s*(?://)?`, "gi");
const HEADING = new RegExp(`^(?:name\\s+|姓名\\s*)?(?:(?:${LATIN_HEADING}\\s*)+|${HAN_HEADING})$`, "i");
/** At the start of a line, and nothing that a number could begin with. */
const LIST_MARK = new RegExp([
  "^[-*•·●○■□▪◦–—①-⑳]\\s*",
  "^[1-9]\\d?(?:[)、]|\\.(?=\\D))\\s*",
  "^(?:\\([1-9]\\d?\\)|[1-9]\\d\\d[.)、])\\s*(?=[^\\d\\s(+])",
].join("|"));
/** Marks of direction and the like, which address books copy along. */
const UNSEEN = /[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
/** The second of a list and its number; a number and its extension. */
const TWO_THINGS = /^(?:[1-9]\d?\.\d{11}$|1[3-9]\d{9}\D+\d)/;

/** How people write, as it is read here. @type {[RegExp, string][]} */
const SPELLINGS = [
  [/\[([^\]]*)\]\((tel:[^)]*)\)/gi, "$1 $2"],
  [LABEL, ","],
  [/[<>]/g, " "],
  [/\((\+?\d[\d\s.-]{5,}\d)\)/g, " $1 "],
  [/(?<=\d)[‐-―−](?=\d)/g, "-"],
  [/(^|\s)'(?=[+\d])/g, "$1"],
  [/(\p{Script=Han})(?=1[3-9]\d{9}(?!\d))/gu, "$1 "],
  [/((?<!\d)1[3-9]\d{9})(?=\p{Script=Han})/gu, "$1 "],
];

/**
 * @param {string} text one or more people a line
 * @returns {{people: Person[], left: Left[], headings: string[]}} `headings`: the first line, if it only names columns
 */
export function read(text) {
  const lines = text.split("\n").map((line) => line.replace(UNSEEN, "").trim()).filter(Boolean);
  const headings = lines.slice(0, 1).filter(isHeading);
  const all = lines.slice(headings.length).flatMap(readOne);
  return { people: all.filter((each) => "number" in each), left: all.filter((each) => "why" in each), headings };
}

/** @param {string} line @returns {(Person|Left)[]} */
function readOne(line) {
  return readLine(plain(line))?.map(checked) ?? [{ line, why: /\p{Nd}/u.test(line) ? "unclear" : "noNumber" }];
}

/** A line that is read as this person. @param {{number: string, name: string}} person */
export function write({ number, name }) {
  if (new RegExp(`["${SEPARATORS}]`).test(name)) return `${number},"${name.replaceAll('"', '""')}"`;
  return `${number} ${name}`.trim();
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
export function digitsOf(number) {
  return number.replace(/\D/g, "").replace(/^(?:00)?86(?=1\d{10}$)/, "");
}

/** @param {Person} person @returns {Person|Left} */
function checked(person) {
  if ([...person.number].length > LONGEST.longNumber) return { line: write(person), why: "longNumber" };
  return [...person.name].length > LONGEST.longName ? { line: write(person), why: "longName" } : person;
}

/** @param {string} line */
function isHeading(line) {
  return !/\d/.test(line) && fieldsOf(line.normalize("NFKC")).some((field) => HEADING.test(field));
}

/** @param {string} line */
function plain(line) {
  const listed = line.replace(LIST_MARK, "").normalize("NFKC").replace(LIST_MARK, "").trim();
  return SPELLINGS.reduce((text, [spelling, read]) => text.replace(spelling, read), listed);
}

/** What stands between separators; what stands in quotes is one. @param {string} line */
function fieldsOf(line) {
  const fields = [...line.matchAll(FIELD)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare);
  return fields.map((field) => field.trim()).filter(Boolean);
}

/** @param {string} line @returns {Person[]|null} */
function readLine(line) {
  const texts = fieldsOf(line);
  const fields = texts.map(readField).filter((field) => field !== null);
  if (fields.length < texts.length) return null;
  const everybody = fields.flat();
  const numbered = everybody.filter(({ number }) => number);
  if (numbered.length === everybody.length && numbered.length) return everybody;
  if (numbered.length !== 1) return readPairs(everybody);
  const name = everybody.map((field) => field.name).filter(Boolean).join(" ");
  return [{ id: "", number: numbered[0].number, name }];
}

/** A number, a name, a number, a name; or the other way round. @param {Person[]} fields @returns {Person[]|null} */
function readPairs(fields) {
  const pairs = fields.flatMap(({ number, name }, at) => {
    const other = fields[at + 1] ?? { number: "", name: "" };
    return at % 2 ? [] : [{ id: "", number: number || other.number, name: name || other.name }];
  });
  const isInTurn = fields.every(({ number, name }, at) => !(number && name) && !number === !fields[at % 2].number);
  const isWhole = pairs.every(({ number, name }) => name && countDigits(number) >= LANDLINE_DIGITS);
  return pairs.length && isInTurn && isWhole ? pairs : null;
}

/**
 * A number and words in any order, or numbers alone; `number` is empty if there is none.
 * @param {string} field @returns {Person[]|null}
 */
function readField(field) {
  const tokens = field.split(/\s+/);
  const first = tokens.findIndex((token) => NUMBER_LIKE.test(token));
  if (first < 0) return [{ id: "", number: "", name: tokens.join(" ") }];
  const rest = tokens.slice(first);
  const length = rest.findIndex((token) => !NUMBER_LIKE.test(token));
  const run = length < 0 ? rest : rest.slice(0, length);
  const words = [...tokens.slice(0, first), ...rest.slice(run.length)];
  if (words.some((word) => NUMBER_LIKE.test(word))) return null;
  if (isOneNumber(run)) return [{ id: "", number: run.join(" "), name: words.join(" ") }];
  const numbers = words.length ? null : wholeNumbers(run);
  return numbers && numbers.map((number) => ({ id: "", number, name: "" }));
}

/**
 * Several parts are one number unless one of them is a whole number already; a country code may stand before it.
 * @param {string[]} run
 */
function isOneNumber(run) {
  const counts = run.map(countDigits);
  const total = counts.reduce((sum, count) => sum + count);
  if (total < FEWEST_DIGITS) return false;
  if (total > (/^(?:\+|00)/.test(run[0]) ? MOST_DIGITS_ABROAD : MOST_DIGITS)) return false;
  if (run.length === 1) return !isTwoThings(run[0]);
  if (run.slice(1).some((part) => part.startsWith("+"))) return false;
  return Math.max(...counts) < WHOLE_NUMBER_DIGITS || (run.length === 2 && isCountryCode(run[0]));
}

/** Numbers that follow one another; null if any of them may be less than a whole one. @param {string[]} run */
function wholeNumbers(run) {
  /** @type {string[][]} */
  const groups = [];
  for (const part of run) {
    const last = groups.at(-1);
    if (last && isMore(part, last)) last.push(part);
    else groups.push([part]);
  }
  const isWhole = groups.every((group) => isOneNumber(group) && countDigits(group.join("")) >= WHOLE_NUMBER_DIGITS);
  return isWhole ? groups.map((group) => group.join(" ")) : null;
}

/** Whether it goes on with a number, and does not begin the next. @param {string} part @param {string[]} group */
function isMore(part, group) {
  if (part.startsWith("+")) return false;
  return countDigits(part) < WHOLE_NUMBER_DIGITS || (group.length === 1 && isCountryCode(group[0]));
}

/** @param {string} part */
function isCountryCode(part) {
  return /^\+\d{1,3}$/.test(part);
}

/** @param {string} part */
function countDigits(part) {
  return part.replace(/\D/g, "").length;
}

/** Such as two numbers with a stroke between them. @param {string} part */
function isTwoThings(part) {
  return TWO_THINGS.test(part) || part.split(/\D+/).filter((digits) => digits.length >= LANDLINE_DIGITS).length > 1;
}
