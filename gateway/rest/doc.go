// Package rest is the HTTP API of a gateway: it turns requests into calls of
// [tetherd/gateway.Gateway] and their results into the objects of package
// tetherd/gateway/api. It keeps no state of its own but what guards the door, and
// request bins.
//
// What it promises:
//
//   - 202 is answered only after the message was stored durably.
//   - What is not supported is refused with a sentence that says so; nothing that
//     was asked for is silently left out. Unknown fields are ignored, and an
//     explicit null is the same as no field.
//   - A stream of events keeps nothing in memory for its client; one that does not read
//     is disconnected, and a user has 64 at most. Who goes on with the id it saw last
//     misses nothing. A token that is revoked ends its streams.
//   - Every path but those of health needs credentials, unknown paths as well, and a
//     right that its row in the table names; a row without one is for administrators.
//     Package access says who has which, and how guessing is slowed down.
//   - Addresses that are not let in learn nothing but that. Where a request comes from
//     is taken from proxies that are trusted only, and pages of other sites get
//     nothing unless they are named, nor do those of sites whose name leads here if the
//     names of this gateway are.
//   - Bodies are bounded in size (headers are by the [net/http.Server]), each and in
//     total, and are not taken apart before it is known that they do not become many
//     times as large. No request can make the process panic or show what went wrong
//     inside: that goes to the log under the request's id.
//   - Secrets, passwords, tokens, private keys, values of headers, and what may be
//     secret in the URL of a webhook are shown as "***", and can be sent back so. A
//     secret is in the answer that made or took it, and where it is asked for.
//   - The log tells who changed what besides messages, which are kept with their user,
//     and who tried to without the right.
//   - Phone numbers, texts, paths and queries of requests are not logged.
//
// All routes are listed in one place, server.routes, and exist at the root and
// under each of the prefixes. They are described in package tetherd/gateway/docs: the
// tests hold every route, right and answer against that.
package rest
