// Package egress makes the HTTP requests that leave this machine for addresses
// which users have registered: it decides what may be contacted, connects, and
// reports what came of it. It knows nothing of events, queues and retries.
//
// Its promises:
//
//   - No address is contacted that the [Policy] forbids. Each is judged after
//     DNS and just before connecting, for each attempt.
//   - No more time passes than the request allows, and no more is read of an
//     answer than is kept or than makes its connection usable again.
//   - Redirects are followed only where that is asked for, at most five, none from
//     https to http, and each is judged like the first address. Credentials do not
//     go to another host.
//   - A proxy of the environment is not used.
//   - Names such as homeassistant.local are asked for in the local network
//     (multicast DNS, RFC 6762), without the C library; if no host answers, DNS is.
//   - A connection is used only for requests with the [TLS] it was made with.
//   - A request may reach the receiver twice if the receiver closes a kept
//     connection just when it is used: callers must send the same id in both.
//   - Texts of errors are one line without the URL, which may hold a secret.
package egress
