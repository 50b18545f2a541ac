// Package format says what goes over the wire to a webhook: the body of a
// delivery and the headers that prove where it came from.
//
// Its promises:
//
//   - The body of a delivery depends on nothing but what is stored: it is the
//     same, byte for byte, in all attempts. The URL in the bodies of oneroute is
//     that of the webhook, and follows it if its owner changes it.
//   - Every JSON body is a fixed point of JavaScript's
//     JSON.stringify(JSON.parse(body)), since some receivers verify the signature
//     over that.
//   - A receiver that was written from the page of a product verifies and reads
//     deliveries in the product's format as it is. Members may be added to what the
//     pages show; none is taken away or changes its type, except that what is not
//     known is null.
//   - Every format can write every event. What its product has no name for has the
//     name and the members of Standard Webhooks here, and is sent only if asked for.
//   - No body is longer than [MaxBody]. What does not fit is left out and marked
//     "thin", never cut off.
//   - A template comes to an end, whatever it says.
//
// # Signatures
//
// Every attempt has the headers of Standard Webhooks 1.0.0, Webhook-Id,
// Webhook-Timestamp and Webhook-Signature, and that of the format:
//
//	smsgate      X-Signature: hex, HMAC-SHA256 of body ‖ X-Timestamp
//	infinireach  X-Infini-Reach-Signature: hex, HMAC-SHA256 of the body
//	oneroute     X-Oneroute-Signature: hex, HMAC-SHA512 of the body
//	integify     X-Integify-Signature: sha256=hex, HMAC-SHA256 of the body
//	smobi        none
//
// and, if the webhook asks for it,
//
//	github       X-Hub-Signature-256: sha256=hex, HMAC-SHA256 of the body
//	stripe       Stripe-Signature: t=time,v1=hex, HMAC-SHA256 of time.body
//
// The key of these is the text of the secret, whatever it looks like; that of
// Webhook-Signature is what follows whsec_ in base64, or the text if it has another
// form. A secret that begins with whsk_ signs with Ed25519. The body of a GET is its
// query. While a secret is replaced, lists have a signature by each that is valid,
// and headers with room for one have that by the older secret until the newer one is
// activated.
//
// # A new format
//
// It is a file with a [Format] and the functions that render it, and a line in the
// table of format.go. TestGolden -update writes what it makes of each event into
// testdata.
package format
