import assert from "node:assert/strict";
import test from "node:test";

import { localeFor } from "../../static/js/locale.js";

test("times are written as where the user is at home, in the language of the page", () => {
  const written = (language, preferred) =>
    new Intl.DateTimeFormat(localeFor(language, preferred), { timeStyle: "short", timeZone: "UTC" })
      .format(Date.UTC(2026, 10, 25, 15, 4));
  assert.match(written("en", ["en-US"]), /^3:04\sPM$/);
  assert.equal(written("en", ["en-GB", "en"]), "15:04");
  assert.equal(written("en", ["de-DE", "en-GB"]), "15:04");
  assert.equal(written("zh", ["zh-CN"]), "15:04");
});

test("where the browser knows no such language, or says nonsense, the plain language is taken", () => {
  const said = [["en", ["de-DE"]], ["en", []], ["en", ["en-US@posix", "c", ""]], ["zh", ["en-GB"]]];
  assert.deepEqual(said.map(([language, preferred]) => localeFor(language, preferred)), ["en", "en", "en", "zh"]);
});
