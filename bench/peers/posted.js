/** What the peers in JavaScript share: `POST /publish`, with one message, or with several in a JSON array of texts. */

"use strict";

exports.serve = function serve(server, publish) {
  server.on("request", (request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      publish(request.url === "/burst" ? JSON.parse(body).map((text) => Buffer.from(text)) : [body]);
      response.writeHead(204).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
};
