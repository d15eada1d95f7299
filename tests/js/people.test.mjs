import assert from "node:assert/strict";
import test from "node:test";

import { people } from "../../static/js/people.js";

const person = (number, name) => ({ id: "", number, name });

test("a line is a number and a name, in either order", () => {
  assert.deepEqual(people("13800000001 Ada Lovelace\n王五,13800000002\n\n 010-6500 0003"), [
    person("13800000001", "Ada Lovelace"),
    person("13800000002", "王五"),
    person("010-6500 0003", ""),
  ]);
});

test("a line without a number is left to the hub to refuse", () => {
  assert.deepEqual(people("Ada"), [person("Ada", "")]);
});
