"use strict";
// Drives the published client of the API, unmodified, with the address, the user and
// the password in its arguments. Every line of its input is a call, and is answered
// with a line:
//
//   {"method": "send", "args": [...]}  ->  {"result": ...} or {"error": "..."}
//
// A date is written as {"$date": "2026-03-13T14:25:16.954Z"}. The process ends with its
// input.

const { readFileSync } = require("node:fs");
const readline = require("node:readline");

// load imports the package. It consists of an ECMAScript module that does not say so,
// which only newer Nodes import by its name.
function load() {
  const code = readFileSync(require.resolve("android-sms-gateway"));
  return import("data:text/javascript;base64," + code.toString("base64"));
}

// exchange makes a request for the client, as its later versions have it built in.
async function exchange(method, url, body, headers) {
  const res = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (res.status === 204) return null;
  if (!res.ok) throw new Error(`HTTP error ${res.status}: ${await res.text()}`);
  const type = res.headers.get("Content-Type") || "";
  return type.includes("application/json") ? res.json() : res.text();
}

const http = {
  get: (url, headers) => exchange("GET", url, undefined, headers),
  delete: (url, headers) => exchange("DELETE", url, undefined, headers),
  post: (url, body, headers) => exchange("POST", url, body, headers),
  put: (url, body, headers) => exchange("PUT", url, body, headers),
  patch: (url, body, headers) => exchange("PATCH", url, body, headers),
};

async function main() {
  const { default: Client } = await load();
  const [url, user, password] = process.argv.slice(2);
  const client = new Client(user, password, http, url);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const call = JSON.parse(line, (_, value) => (value && value.$date ? new Date(value.$date) : value));
    let answer;
    try {
      answer = { result: await client[call.method](...call.args) };
    } catch (error) {
      answer = { error: String(error) };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
