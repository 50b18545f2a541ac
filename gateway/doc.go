// Package gateway is the domain of an SMS gateway: messages, incoming SMS,
// delivery reports, events, webhook deliveries, and the engine that moves them.
// Every other package adapts one technology to it: store keeps its rows, modem
// carries its PDUs, webhook posts its events, gateway/rest offers its API.
//
// Its promises:
//
//   - A message that [Gateway.Submit] returned without an error survives a crash.
//   - An incoming PDU for which [Gateway.Receive] returned nil is stored, together
//     with the event and the webhook deliveries it completes.
//   - What comes in is never lost for not being a text: data, notifications of
//     multimedia messages, indications and even PDUs that cannot be read become an
//     [Inbound] with the TPDUs as they came. Nobody is told of an [Inbound] that is
//     Silent.
//   - A PDU is handed to a modem at most once unless it is known not to have left,
//     or the policy for unknown outcomes says resend; the copy is then marked.
//   - States never run backwards, except Processed to Pending while every PDU
//     still owed is known not to have left; the time a state was first reached
//     never changes.
//   - The way of a message is stored with it: each [Hop] in the commit that makes it
//     so, bounded, without a number or a text.
//   - Who is told of an event is decided once, in the commit of the event: by what the
//     webhooks are registered for, by their filters, and by the forwards. No webhook is
//     told twice. An alert by SMS is stored in that commit, too, counts only if it is,
//     and never brings about another one.
//   - Who asks for received messages to be told of again has webhooks told of each of
//     them once, whatever is restarted meanwhile, and conversations do not grow by it.
//   - No modem, SIM, network or clock that is missing ends a message: it waits and
//     says for what. Only its end of validity, an error that would come again, or
//     the attempts allowed do.
//   - No window of time holds more SMS than the limits of [Protection] allow, whatever
//     crashes: what counts is stored with the intent, and until its outcome is stored it
//     counts as if it were still being sent.
//   - No modem that hangs, no stored row that is damaged and no message that a limit does
//     not allow holds up what could be sent.
//
// All changes go through one path, [Store.Commit] of a [Change]. Signals carry no
// data: a kick only says "look", what there is to see is in the store.
package gateway
