import assert from "node:assert/strict";
import test from "node:test";

import { Connection } from "../../static/js/connection.js";

/** Says several messages in one task, as it happens where a segment carries them. */
class Socket {
  static OPEN = 1;
  static newest = null;
  readyState = Socket.OPEN;
  asked = [];

  constructor() {
    Socket.newest = this;
  }

  send(text) {
    this.asked.push(JSON.parse(text));
  }

  say(...messages) {
    for (const message of messages) this.onmessage({ data: JSON.stringify({ jsonrpc: "2.0", ...message }) });
  }

  close() {}
}

const event = (seq) => ({ method: "event", params: { id: "1", epoch: "e", seq, type: "x" } });
const snapshot = { id: "1", epoch: "e", seq: 1, recovered: false, reason: "never watched", conference: {}, participants: [] };

async function asking(id) {
  globalThis.WebSocket = Socket;
  const hub = new Connection("http://hub");
  const watch = hub.watch(id);
  Socket.newest.onopen();
  while (!Socket.newest.asked.length) await new Promise((resolve) => setTimeout(resolve));
  return { hub, watch, socket: Socket.newest };
}

test("events that come together with the answer follow it", async () => {
  const { hub, watch, socket } = await asking("1");
  socket.say({ id: socket.asked[0].id, result: snapshot }, event(2), event(3));
  assert.equal(watch.state.seq, 3);
  assert.equal(hub.status.state, "live");
  hub.close();
});

test("an answer that is none breaks the connection and harms no other watch", async () => {
  const { hub, watch, socket } = await asking("1");
  socket.say({ id: socket.asked[0].id, result: null });
  assert.deepEqual([watch.status.state, hub.status.reason], ["offline", "the hub said what cannot be understood"]);
  hub.close();
});

test("an id may be a number", async () => {
  const { hub, watch, socket } = await asking(1);
  socket.say({ id: socket.asked[0].id, result: snapshot }, event(2));
  assert.deepEqual([watch.id, watch.state.seq], ["1", 2]);
  hub.close();
});
