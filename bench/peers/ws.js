/** The send loop that everybody writes first: one `send` for each client, of the bytes that were posted. */

"use strict";

const http = require("node:http");
const { WebSocketServer } = require("ws");
const { serve } = require("./posted.js");

const server = http.createServer();
const clients = new WebSocketServer({ server, path: "/ws", perMessageDeflate: false }).on("connection", (client) => client.send("ready")).clients;

serve(server, (bodies) => {
  for (const body of bodies) for (const client of clients) client.send(body, { binary: false });
});
