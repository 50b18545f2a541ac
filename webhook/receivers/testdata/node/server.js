"use strict";
// One process with every receiver in Node. It listens on a free port of the loopback
// interface, says which in a line of JSON, and ends when its standard input does.
//
//   POST /FRAMEWORK/KIND/ID  is what the receiver ID is sent, or GET
//   GET  /_                  lists the kinds
//   PUT  /_/ID               sets the secrets that the receiver ID knows
//   GET  /_/ID               is what it was sent

const http = require("node:http");
const { Registry } = require("./registry");

process.env.NODE_ENV = "test"; // Express prints errors otherwise
process.env.NO_DEPRECATION = "express"; // of res.send(200), which is on the page of OneRoute

async function main() {
  const registry = new Registry();
  const frameworks = {
    express4: require("./express")(require("express4"), registry),
    express5: require("./express")(require("express5"), registry),
    fastify: await require("./fastify")(require("fastify"), registry),
  };
  const kinds = Object.entries(frameworks).flatMap(([name, { kinds }]) => kinds.map((kind) => `${name}/${kind}`));

  function control(req, res, id) {
    const answer = (code, value) => res.writeHead(code, { "Content-Type": "application/json" }).end(JSON.stringify(value));
    if (req.method === "PUT" && id) {
      let text = "";
      req.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      req.on("end", () => {
        registry.set(id, JSON.parse(text).secrets);
        answer(200, {});
      });
    } else if (!id) {
      answer(200, { kinds });
    } else {
      answer(200, { requests: registry.requests(id) });
    }
  }

  const server = http.createServer((req, res) => {
    const [path, query] = req.url.split("?", 2);
    const [, framework, kind, id] = path.split("/");
    if (framework === "_") return control(req, res, kind);
    if (!frameworks[framework] || !registry.has(id)) return res.writeHead(404).end();
    registry.watch(id, req, res);
    req.url = `/${kind}/${id}` + (query === undefined ? "" : "?" + query);
    frameworks[framework].handle(req, res);
  });
  server.listen(0, "127.0.0.1", () => {
    console.log(JSON.stringify({ port: server.address().port }));
  });
  process.stdin.resume().on("end", () => process.exit(0));
}

main().catch((err) => {
  console.error(err);
  process.exit(1);
});
