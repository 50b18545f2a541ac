"use strict";
// The receivers of one process: what secrets each knows, and what each was sent.

class Registry {
  #receivers = new Map();

  // set creates the receiver with the given id, or changes the secrets it knows.
  set(id, secrets) {
    const known = this.#receivers.get(id);
    if (known) known.secrets = secrets;
    else this.#receivers.set(id, { secrets, requests: [] });
  }

  has(id) {
    return this.#receivers.has(id);
  }

  secrets(id) {
    return this.#receivers.get(id).secrets;
  }

  // requests returns what the receiver was sent, oldest first.
  requests(id) {
    return this.#receivers.get(id).requests.map(({ chunks, ...request }) => ({
      ...request,
      body: Buffer.concat(chunks).toString("base64"),
    }));
  }

  // watch notes a request and its answer without touching them: it looks at what
  // passes by on the way to the framework. The framework's handler adds what it
  // understood with req.understood.
  watch(id, req, res) {
    const query = req.url.split("?", 2)[1] || "";
    const request = { method: req.method, query, headers: req.rawHeaders, status: 0, understood: null, chunks: [] };
    this.#receivers.get(id).requests.push(request);
    const { emit } = req;
    req.emit = function (event, chunk) {
      if (event === "data") request.chunks.push(chunk);
      return emit.apply(this, arguments);
    };
    const { end } = res;
    res.end = function () {
      request.status = res.statusCode;
      return end.apply(this, arguments);
    };
    req.understood = (fields) => (request.understood = fields);
  }
}

module.exports = { Registry };
