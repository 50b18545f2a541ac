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

// standard verifies as "Standard Webhooks" 1.0.0 says: the header holds a list of
// signatures, separated by spaces, of which one must be made with a secret that is
// known. The key of a secret is what follows its prefix, in base64.
function standard(secrets, headers, body) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (!id || !/^\d+$/.test(timestamp) || !recent(timestamp)) return false;
  const sent = (headers["webhook-signature"] || "").split(" ").filter((s) => s.startsWith("v1,"));
  return secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const own = hmac("sha256", key, `${id}.${timestamp}.`, body).digest();
    return sent.some((s) => {
      const theirs = Buffer.from(s.slice("v1,".length), "base64");
      return theirs.length === own.length && crypto.timingSafeEqual(theirs, own);
    });
  });
}

module.exports = { hmac, recent, sameText, standard };
