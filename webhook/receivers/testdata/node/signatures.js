"use strict";
// How the receivers tell whether a request is genuine.

const crypto = require("node:crypto");

const tolerance = 5 * 60; // seconds between a timestamp and the clock

function hmac(algorithm, key, ...data) {
  const mac = crypto.createHmac(algorithm, key);
  for (const d of data) mac.update(d);
  return mac;
}

// sameText compares as most receivers do: it throws if the lengths differ.
function sameText(a, b) {
  return crypto.timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function recent(timestamp) {
  return Math.abs(Date.now() / 1000 - Number(timestamp)) <= tolerance;
}

// listed tells whether one of the signatures of a version is genuine. "Standard
// Webhooks" 1.0.0 has them in one header, separated by spaces.
function listed(version, headers, body, genuine) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (!id || !/^\d+$/.test(timestamp) || !recent(timestamp)) return false;
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  return (headers["webhook-signature"] || "")
    .split(" ")
    .filter((item) => item.startsWith(version + ","))
    .some((item) => genuine(signed, Buffer.from(item.slice(version.length + 1), "base64")));
}

// standard verifies with secrets that both sides share. The key of one is what
// follows its prefix, in base64.
function standard(secrets, headers, body) {
  return listed("v1", headers, body, (signed, signature) =>
    secrets.some((secret) => {
      const own = hmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"), signed).digest();
      return signature.length === own.length && crypto.timingSafeEqual(signature, own);
    }),
  );
}

// ed25519 verifies with public keys.
function ed25519(keys, headers, body) {
  const spki = Buffer.from("302a300506032b6570032100", "hex"); // what comes before the key, RFC 8410
  return listed("v1a", headers, body, (signed, signature) =>
    keys.some((text) => {
      const raw = Buffer.from(text.replace(/^whpk_/, ""), "base64");
      const key = crypto.createPublicKey({ key: Buffer.concat([spki, raw]), format: "der", type: "spki" });
      return crypto.verify(null, signed, key, signature);
    }),
  );
}

// stripe verifies a header that names a time and signatures: t=…,v1=…,v1=….
function stripe(secrets, header, body) {
  const items = (header || "").split(",").map((item) => item.split("="));
  const timestamp = (items.find(([name]) => name === "t") || [])[1];
  if (!recent(timestamp)) return false;
  const sent = items.filter(([name]) => name === "v1").map(([, value]) => value);
  return secrets.some((secret) => sent.includes(hmac("sha256", secret, `${timestamp}.`, body).digest("hex")));
}

module.exports = { ed25519, hmac, recent, sameText, standard, stripe };
