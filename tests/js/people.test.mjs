import assert from "node:assert/strict";
import test from "node:test";

import { read } from "../../static/js/people.js";

const person = (number, name) => ({ id: "", number, name });

const CLEAR = {
  "13800000001 Ada Lovelace": [person("13800000001", "Ada Lovelace")],
  "王五,13800000002": [person("13800000002", "王五")],
  "13800000005,张三": [person("13800000005", "张三")],
  "李雷 13800000006": [person("13800000006", "李雷")],
  "李雷\t13800000006\tSales": [person("13800000006", "李雷 Sales")],
  "  010-6500 0003": [person("010-6500 0003", "")],
  "+86 138 0000 0004 Dan": [person("+86 138 0000 0004", "Dan")],
  "+86 13800000004 Dan": [person("+86 13800000004", "Dan")],
  "(010) 8888 8811 Landline": [person("(010) 8888 8811", "Landline")],
  "13800000007 (Ada)": [person("13800000007", "(Ada)")],
  "13800000007 3rd floor": [person("13800000007", "3rd floor")],
  "138.0000.0009 Dot": [person("138.0000.0009", "Dot")],
  "Ada 13800000001 Sales": [person("13800000001", "Ada Sales")],
  "13800000021,13800000022": [person("13800000021", ""), person("13800000022", "")],
  "Ada 13800000021; Bob 13800000022": [person("13800000021", "Ada"), person("13800000022", "Bob")],
};

for (const [line, people] of Object.entries(CLEAR)) {
  test(`clear: ${line}`, () => assert.deepEqual(read(line), { people, unclear: [] }));
}

for (const line of [
  "Ada",
  "Room 5 13800000008",
  "86 13800000005 2024年会",
  "5 Ada 13800000008",
  "13800000001,Ada,13800000002",
  "7 Ada",
]) {
  test(`unclear: ${line}`, () => assert.deepEqual(read(line), { people: [], unclear: [line] }));
}

test("every line is read by itself and blank ones are nobody", () => {
  const { people, unclear } = read("13800000001 Ada\n\n   \nBob\n13800000002 Cyd\n");
  assert.deepEqual(people, [person("13800000001", "Ada"), person("13800000002", "Cyd")]);
  assert.deepEqual(unclear, ["Bob"]);
});
