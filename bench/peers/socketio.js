/** Socket.IO's broadcast to everybody, over WebSocket alone. */

"use strict";

const http = require("node:http");
const { Server } = require("socket.io");
const { serve } = require("./posted.js");

const server = http.createServer();
const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });

serve(server, (bodies) => {
  for (const body of bodies) io.emit("event", body.toString());
});
