/**
 * The best that a small server in Node does: callbacks that wait together are stored in one durable transaction, an inbox
 * row, an event and the row of the roster for each, and only then answered, and told to everybody.
 */

"use strict";

const http = require("node:http");
const Database = require("better-sqlite3");
const { WebSocketServer } = require("ws");

const db = new Database("durable.db");
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(`CREATE TABLE inbox (id INTEGER PRIMARY KEY, at TEXT, word TEXT, body BLOB);
  CREATE TABLE events (seq INTEGER PRIMARY KEY, body BLOB); CREATE TABLE rows (callid TEXT PRIMARY KEY, body BLOB)`);
const keep = db.prepare("INSERT INTO inbox (at, word, body) VALUES (?, ?, ?)");
const say = db.prepare("INSERT INTO events VALUES (?, ?)");
const put = db.prepare("INSERT OR REPLACE INTO rows VALUES (?, ?)");

const ANSWER = "<Response><statuscode>000000</statuscode></Response>";
const HEADERS = { "content-type": "application/xml", "content-length": ANSWER.length };
const server = http.createServer();
const clients = new WebSocketServer({ server, path: "/ws", perMessageDeflate: false }).on("connection", (client) => client.send("ready")).clients;

let seq = 0;
let waiting = [];

const commit = db.transaction((batch) => {
  for (const { word, body, callid, event } of batch) {
    keep.run(event.at, word, body);
    say.run(event.seq, event.text);
    put.run(callid, event.text);
  }
});

function flush() {
  const batch = waiting;
  waiting = [];
  commit(batch);
  for (const { event } of batch) for (const client of clients) client.send(event.text, { binary: false });
  for (const { response } of batch) response.writeHead(200, HEADERS).end(ANSWER);
}

server.on("request", (request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const fields = new URLSearchParams(body.toString());
    const [callid, muted, at] = [fields.get("callid"), fields.get("notifytype") === "4", new Date().toISOString()];
    const row = { key: callid, id: "", number: "13800000000", name: "Person 13800000000", role: "participant", state: 1, progress: "joined", muted, pending: null, overdue: false,
      cause: null, attempt: 1, queuedAt: null, dialedAt: null, joinedAt: at, leftAt: null, endedAt: null, duration: null, unidentified: false, callid };
    const params = { id: fields.get("confid"), epoch: "EUdaavhUpVxb", seq: ++seq, type: muted ? "participant.muted" : "participant.unmuted", at, actor: "provider", origin: "provider", cause: null, participant: row };
    if (waiting.push({ word: request.url, body, callid, response, event: { seq, at, text: JSON.stringify({ jsonrpc: "2.0", method: "event", params }) } }) === 1) setImmediate(flush);
  });
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
