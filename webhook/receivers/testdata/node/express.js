"use strict";
// Receivers in Express, in the manner of each product's own example.

const { ed25519, hmac, recent, sameText, standard, stripe } = require("./signatures");
const understood = require("./understood");

module.exports = (express, registry) => {
  const app = express();
  const parsed = express.json();
  const raw = express.raw({ type: "application/json" });
  const parsedEvent = express.json({ type: ["application/json", "application/cloudevents+json"] });
  const secrets = (req) => registry.secrets(req.params.id);

  // The body is parsed and written again for the signature, whose hex text is
  // compared.
  app.post("/infinireach/:id", parsed, (req, res) => {
    const event = req.body;
    const signature = req.headers["x-infini-reach-signature"];
    const genuine = secrets(req).some((secret) =>
      sameText(signature, hmac("sha256", secret, JSON.stringify(event)).digest("hex")),
    );
    if (!genuine) return res.status(401).send("Invalid signature");
    req.understood(understood.infinireach(event));
    res.status(200).send("OK");
  });

  // The same with another hash and a plain comparison.
  app.post("/oneroute/:id", parsed, (req, res) => {
    const signature = req.headers["x-oneroute-signature"];
    const genuine = secrets(req).some(
      (secret) => signature === hmac("sha512", secret, JSON.stringify(req.body)).digest("hex"),
    );
    if (!genuine) return res.status(401).send("invalid");
    req.understood(understood.oneroute(req.body));
    res.send(200);
  });

  // The body as it came, and a prefix before the signature.
  app.post("/integify/:id", raw, (req, res) => {
    const header = req.headers["x-integify-signature"] || "";
    const genuine =
      header.startsWith("sha256=") &&
      secrets(req).some((secret) => sameText("sha256=" + hmac("sha256", secret, req.body).digest("hex"), header));
    if (!genuine) return res.status(401).json({ error: "Invalid signature" });
    req.understood(understood.integify(JSON.parse(req.body.toString())));
    res.json({ ok: true });
  });

  // The body as it came, followed by the timestamp.
  app.post("/smsgate/:id", raw, (req, res) => {
    const signature = req.headers["x-signature"];
    const timestamp = req.headers["x-timestamp"];
    if (!signature || !timestamp || !recent(timestamp)) return res.status(401).send("stale");
    const genuine = secrets(req).some((secret) =>
      sameText(signature, hmac("sha256", secret, req.body, timestamp).digest("hex")),
    );
    if (!genuine) return res.status(401).send("Invalid signature");
    req.understood(understood.smsgate(JSON.parse(req.body.toString())));
    res.sendStatus(204);
  });

  app.post("/standard/:id", raw, (req, res) => {
    if (!standard(secrets(req), req.headers, req.body)) return res.sendStatus(401);
    req.understood(understood.standard(JSON.parse(req.body.toString())));
    res.sendStatus(204);
  });

  app.post("/cloudevents/:id", parsedEvent, (req, res) => {
    if (!standard(secrets(req), req.headers, JSON.stringify(req.body))) return res.sendStatus(401);
    req.understood(understood.cloudevents(req.body));
    res.sendStatus(204);
  });

  // Its product documents no signature.
  app.post("/smobi/:id", parsed, (req, res) => {
    req.understood(understood.smobi(req.body));
    res.sendStatus(200);
  });

  // Any format: the headers of Standard Webhooks over the body written again.
  app.post("/reserialised/:id", parsedEvent, (req, res) => {
    if (!standard(secrets(req), req.headers, JSON.stringify(req.body))) return res.sendStatus(401);
    res.sendStatus(204);
  });

  // An event in the query, which is signed as it came.
  app.get("/query/:id", (req, res) => {
    const query = req.originalUrl.split("?", 2)[1];
    if (!standard(secrets(req), req.headers, query)) return res.sendStatus(401);
    req.understood({ event: req.query.event, text: req.query.text });
    res.sendStatus(204);
  });

  // Signatures that a webhook can ask for beside those of its format.
  const further = {
    ed25519: (req) => ed25519(secrets(req), req.headers, req.body),
    github: (req) =>
      secrets(req).some((secret) =>
        sameText(req.headers["x-hub-signature-256"] || "", "sha256=" + hmac("sha256", secret, req.body).digest("hex")),
      ),
    stripe: (req) => stripe(secrets(req), req.headers["stripe-signature"], req.body),
  };
  for (const [kind, genuine] of Object.entries(further)) {
    app.post(`/${kind}/:id`, raw, (req, res) => {
      if (!genuine(req)) return res.sendStatus(401);
      req.understood(JSON.parse(req.body.toString()));
      res.sendStatus(204);
    });
  }

  return {
    kinds: [
      "infinireach", "oneroute", "integify", "smsgate", "standard", "cloudevents", "smobi", "reserialised", "query",
      ...Object.keys(further),
    ],
    handle: app,
  };
};
