import assert from "node:assert/strict";
import test from "node:test";

import { LONGEST, read, write } from "../../static/js/people.js";

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
  "tel:+8613800138000": [person("+8613800138000", "")],
  "Ada tel:+8613800138000": [person("+8613800138000", "Ada")],
  "[Ada](tel:+8613800138000)": [person("+8613800138000", "Ada")],
  "姓名：张三，电话：13800138000": [person("13800138000", "张三")],
  "Ada: 13800138000": [person("13800138000", "Ada")],
  "13800138000 13800138001": [person("13800138000", ""), person("13800138001", "")],
  "+86 13800138000 +86 138 0013 8001": [person("+86 13800138000", ""), person("+86 138 0013 8001", "")],
  "13800138000,Ada,13800138001,Bob Ray": [person("13800138000", "Ada"), person("13800138001", "Bob Ray")],
  "Ada\t13800138000\tBob\t13800138001": [person("13800138000", "Ada"), person("13800138001", "Bob")],
  "Ada <13800138000>": [person("13800138000", "Ada")],
  "Ada (+1 415 555 0100)": [person("+1 415 555 0100", "Ada")],
  "张三（13800138000）": [person("13800138000", "张三")],
  "张三13800138000": [person("13800138000", "张三")],
  "1. Ada 13800138000": [person("13800138000", "Ada")],
  "12. 13800138000": [person("13800138000", "")],
  "3、张三，13800138000": [person("13800138000", "张三")],
  "（4）张三 13800138000": [person("13800138000", "张三")],
  "①张三 13800138000": [person("13800138000", "张三")],
  "100. 张三 13800138000": [person("13800138000", "张三")],
  "(1) 415 555 0100 Ray": [person("(1) 415 555 0100", "Ray")],
  "- 13800138000": [person("13800138000", "")],
  "• Bob 13800138000": [person("13800138000", "Bob")],
  '"Li, Wei",13800138000': [person("13800138000", "Li, Wei")],
  '"+86 138 0013 8000","Li ""Lee"", Wei"': [person("+86 138 0013 8000", 'Li "Lee", Wei')],
  "“Li, Wei”,13800138000": [person("13800138000", "Li, Wei")],
  "\u202d13800138000\u202c Ada": [person("13800138000", "Ada")],
  "138‑0013‑8000 Ada": [person("138-0013-8000", "Ada")],
  "'13800138000 Ada": [person("13800138000", "Ada")],
};

for (const [line, people] of Object.entries(CLEAR)) {
  test(`clear: ${line}`, () => assert.deepEqual(read(line), { people, left: [], headings: [] }));
  test(`written as it is read: ${line}`, () => assert.deepEqual(read(people.map(write).join("\n")).people, people));
}

const unclear = (line) => ({ line, why: /\d/.test(line) ? "unclear" : "noNumber" });

for (const line of [
  "Ada",
  "Room 5 13800000008",
  "86 13800000005 2024年会",
  "5 Ada 13800000008",
  "13800000001,Ada,13800000002",
  "7 Ada",
  "100. 13800138000",
  "1.13800138000",
  "13800138000 13800138001 Ada",
  "13800138000 Ada 13800138001 Bob",
  "Ada,13800138000,13800138001,Bob",
  "Ada,13800138000,Sales,8001",
  "65000003 65000004",
  "65000003/65000004",
  "13800138000/13900139000 Ada",
  "+8613800138000 8001",
  "13800138000-8001 Ada",
  "1.38E+10 Ada",
  ", , ,",
]) {
  test(`unclear: ${line}`, () => assert.deepEqual(read(line), { people: [], left: [unclear(line)], headings: [] }));
}

for (const line of ["Name,Phone", "姓名\t电话", "序号,姓名,手机号码", "Phone number", "Name;Mobile;Remarks"]) {
  test(`a heading and no person: ${line}`, () => {
    const people = [person("13800000001", "Ada")];
    assert.deepEqual(read(`${line}\n13800000001 Ada`), { people, left: [], headings: [line] });
    assert.deepEqual(read(`13800000001 Ada\n${line}`), { people, left: [unclear(line)], headings: [] });
  });
}

test("a first line without a number is no heading if it may be a name", () => {
  assert.deepEqual(read("Ada\n13800000002 Bob").left, [unclear("Ada")]);
});

test("what is longer than the hub takes is left, and nobody else for its sake", () => {
  const name = "𝒜".repeat(LONGEST.longName);
  const number = `(010)${"-".repeat(LONGEST.longNumber)}65000003`;
  const { people, left } = read(`13800000001 ${name}\n13800000002 ${name}b,13800000003 Cyd\n${number} Dan`);
  assert.deepEqual(people.map(({ number }) => number), ["13800000001", "13800000003"]);
  assert.deepEqual(left.map(({ why }) => why), ["longName", "longNumber"]);
});

test("every line is read by itself and blank ones are nobody", () => {
  const { people, left } = read("13800000001 Ada\n\n   \nBob\n13800000002 Cyd\n");
  assert.deepEqual(people, [person("13800000001", "Ada"), person("13800000002", "Cyd")]);
  assert.deepEqual(left, [unclear("Bob")]);
});
