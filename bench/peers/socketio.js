/** Socket.IO's broadcast to everybody, over WebSocket alone. */

"use strict";

const http = require("node:http");
const { Server } = require("socket.io");
const { serve } = require("./posted.js");

/** Its pings are messages, and each connection has its own: none comes while it is measured. */
const pingInterval = 3_600_000;

const server = http.createServer();
const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, serveClient: false, pingInterval });

serve(server, (bodies) => {
  for (const body of bodies) io.emit("event", body.toString());
});
