/** What the platform means by the status codes with which it refuses, as far as that is known. Pure. */

/**
 * By the word of i18n.js that says it. Codes of conferences are those of the platform's older version: what its newer
 * one says is not known.
 * @type {Record<string, string[]>}
 */
const CODES = {
  x_account: [
    "110018", "110095", "111100", "111101", "111102", "111103", "111104", "111105", "111107", "111108", "111109",
    "111110", "111113", "111128", "111129", "111130", "111131", "111132", "111133", "111141", "111143",
  ],
  x_clock: ["111106"],
  x_closed: ["111138", "111139", "111140"],
  x_app: ["110057", "111169", "111170", "111171", "111176", "111181", "111182"],
  x_appClosed: ["110074", "111177", "111178", "111179", "111180", "112303"],
  x_balance: ["110129", "111142"],
  x_busy: ["111111", "110094"],
  x_itself: ["111000", "110025", "110090", "160000"],
  x_create: ["110024"],
  x_dial: ["110026", "110091"],
  x_kick: ["110027"],
  x_mute: ["110028"],
  x_full: ["110092"],
  x_request: ["110062", "110079", "110127", "112613", "160030", "160031"],
  x_unknown: ["110128"],
  x_noNumber: ["112300", "112306", "160044"],
  x_number: ["160042"],
  x_twice: ["160045"],
  x_testNumber: ["112305", "112310", "113302"],
  x_tooManyNumbers: ["160048"],
  x_blocked: ["160034", "160068", "160072", "160073", "160074"],
  x_template: ["112307", "112308", "112311", "160032", "160036", "160043", "160052", "160057"],
  x_tooOften: ["160038", "160039", "160040", "160041", "160054", "160056"],
  x_notSent: ["160050", "160063", "160064"],
};

/** @type {Map<string, string>} */
const WORD_OF = new Map(Object.entries(CODES).flatMap(([word, codes]) => codes.map((code) => [code, word])));

/** @param {string} code @returns {string|undefined} the word of i18n.js */
export function wordOf(code) {
  return WORD_OF.get(code);
}

/**
 * The platform's words and its code in the cause of a row, or null where it is no refusal.
 * @param {string} cause `provider_refused: words (code)`, or one of the two alone
 */
export function refusal(cause) {
  const said = /^provider_refused: (.*)$/s.exec(cause)?.[1];
  if (said === undefined) return null;
  if (/^\d{6}$/.test(said)) return { words: "", code: said };
  const [, words, code] = /^(.*) \((\d{6})\)$/s.exec(said) ?? ["", said, ""];
  return { words, code };
}
