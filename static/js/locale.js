/** How the user writes times and numbers, which is more than their language: in London not as in New York. Pure. */

/**
 * The browser's own tag of a language of the page, or else that language.
 * @param {string} language
 * @param {readonly string[]} preferred what the browser says of the user, such as `navigator.languages`
 */
export function localeFor(language, preferred) {
  return preferred.find((tag) => languageOf(tag) === language) ?? language;
}

/** Some browsers say what is no tag at all, such as `en-US@posix`. @param {string} tag */
function languageOf(tag) {
  try {
    return new Intl.Locale(tag).language;
  } catch {
    return null;
  }
}
