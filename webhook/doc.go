// Package webhook delivers the gateway's events to the registered webhooks over
// HTTP.
//
// Its promises:
//
//   - Every stored delivery is attempted until an answer with a 2xx status came,
//     the retries are used up, or something ended it: the receiver, its owner, or
//     that the address may not be contacted. Each of these is stored before the
//     delivery counts as done. An attempt that ends by a crash or a stop is made
//     again: delivery is at least once.
//   - The body of a delivery is the same, byte for byte, in all its attempts, and
//     so are its ids. The timestamp and the signature are those of the attempt. An
//     edited webhook gets what waited in the form of when it happened, at its new
//     address and signed with its new secret.
//   - Retry n is due the base delay times 2^(n-1) after the attempt before it ended,
//     10 s, 20 s, 40 s and so on up to 24 h unless the webhook has a schedule of its
//     own, on the gateway's [gateway.Timeline], which the wall clock cannot disturb.
//   - Two events of one subject are never under way to one webhook at once. Their
//     first attempts start in the order of the events, and of two that are due the
//     earlier goes first if it is among the first 32 due rows. A webhook in strict
//     order is sent one event at a time, and no other before that is at its end.
//   - A webhook that is slow or dead delays no other: each has its own slots, all
//     share the rest in turn, and those that fail share half of it.
//   - A webhook for which not more than 256 deliveries wait gets each of them on its
//     schedule, however long it fails. If more wait and it failed 20 times in a row,
//     10 attempts are made a second; after a minute of that 64 and then one every
//     10 s, the oldest and the newest in turn, until one succeeds. What was not
//     attempted is not counted.
//   - A webhook that works again gets what is overdue through one slot, then two,
//     then four, and at a bounded rate.
//   - A paused webhook is sent nothing, and loses nothing.
//   - Requests are made by package egress, which decides what may be contacted.
//   - Memory does not grow with what is waiting.
//
// Faults of this machine are not held against a delivery: when there is no route,
// no DNS server answers, or the clock is wrong and a certificate cannot be judged or
// a receiver answers 400 or 401, as to a forged signature, nothing is counted and the
// webhook is tried again after 10 s, growing to 5 minutes. After two days of nothing
// else they count, so that nothing waits for ever.
//
// # Answers
//
//	2xx                                  delivered
//	429, 503                             retried; Retry-After holds the whole webhook up, for 24 h at most
//	410                                  the webhook is paused, unless it is told not to heed it
//	another status, or none              retried, unless the webhook gives up on the status
//	Webhook-Delivery: disable            the webhook is paused, whatever the status
//	Webhook-Delivery: abort-message      not retried
//
// A webhook that did nothing but fail for 5 days, in 20 attempts or more, is paused,
// too. Events tell the other webhooks of it, and of failures, recoveries and
// deliveries that were given up, at most once an hour for each. That such an event
// cannot be delivered leads to no other.
//
// # Request
//
// An attempt is a POST of what package format makes of the event, unless a template
// asks for another method, with these headers beside those that sign it and those of
// the webhook:
//
//	Content-Type      application/json, unless the webhook has another
//	User-Agent        tetherd/<version>
//	Webhook-Event-Id  id of the event, the same for all webhooks
//	Webhook-Attempt   from 1
//	Webhook-Sequence  number of the event, greater than that of all earlier ones, with gaps
//	Webhook-Payload   thin, if content was left out
//	Webhook-Replay    1, if its owner asked for a delivery that had ended
//	Webhook-Clock     unsynced, while the clock of this machine is known to be wrong
package webhook
