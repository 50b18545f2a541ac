"use strict";
// Receivers in Fastify with its default parser, which hands over the parsed body.

const { hmac, sameText, standard } = require("./signatures");
const understood = require("./understood");

module.exports = async (fastify, registry) => {
  const app = fastify();
  const secrets = (request) => registry.secrets(request.params.id);

  app.post("/infinireach/:id", async (request, reply) => {
    const signature = request.headers["x-infini-reach-signature"];
    const genuine = secrets(request).some((secret) =>
      sameText(signature, hmac("sha256", secret, JSON.stringify(request.body)).digest("hex")),
    );
    if (!genuine) return reply.code(401).send("Invalid signature");
    request.raw.understood(understood.infinireach(request.body));
    return "OK";
  });

  app.post("/oneroute/:id", async (request, reply) => {
    const signature = request.headers["x-oneroute-signature"];
    const genuine = secrets(request).some(
      (secret) => signature === hmac("sha512", secret, JSON.stringify(request.body)).digest("hex"),
    );
    if (!genuine) return reply.code(401).send("invalid");
    request.raw.understood(understood.oneroute(request.body));
    return reply.send();
  });

  app.post("/smobi/:id", async (request, reply) => {
    request.raw.understood(understood.smobi(request.body));
    return reply.send();
  });

  app.post("/reserialised/:id", async (request, reply) => {
    if (!standard(secrets(request), request.headers, JSON.stringify(request.body))) return reply.code(401).send();
    return reply.code(204).send();
  });

  await app.ready();
  return { kinds: ["infinireach", "oneroute", "smobi", "reserialised"], handle: app.routing };
};
