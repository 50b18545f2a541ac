// Package webhook delivers the gateway's events to the registered webhooks over
// HTTP.
//
// Its promises:
//
//   - Every stored delivery is attempted until an answer with a 2xx status came,
//     the retries are used up, or the address may not be contacted, and each of
//     these is stored before the delivery counts as done. An attempt that ends by
//     a crash or a stop is made again: delivery is at least once.
//   - The body of a delivery is the same, byte for byte, in all its attempts, and
//     so are its ids. The timestamp and the signature are those of the attempt.
//   - Attempt n+1 is due the base delay times 2^(n-1) after attempt n ended, 10 s,
//     20 s, 40 s and so on by default, on the gateway's [gateway.Timeline], which
//     the wall clock cannot disturb.
//   - Two events of one subject are never under way to one webhook at once. Their
//     first attempts start in the order of the events, and of two that are due the
//     earlier goes first if it is among the first 32 due rows.
//   - A webhook that is slow or dead delays no other: each has its own slots, all
//     share the rest in turn, and those that fail share half of it.
//   - Requests are made by package egress, which decides what may be contacted.
//   - Memory does not grow with what is waiting.
//
// Faults of this machine are not held against a delivery: when there is no route,
// no DNS server answers, or a certificate cannot be judged because the clock is
// wrong, nothing is counted and the webhook is tried again after 10 s, growing to
// 5 minutes. After two days of nothing else they count, so that nothing waits for
// ever.
//
// # Request
//
// An attempt is a POST of what package format makes of the event, unless a template
// asks for another method, with these headers beside those that sign it:
//
//	Content-Type      application/json, unless the webhook has another
//	User-Agent        tetherd/<version>
//	Webhook-Event-Id  id of the event, the same for all webhooks
//	Webhook-Attempt   from 1
//	Webhook-Payload   thin, if content was left out
package webhook
