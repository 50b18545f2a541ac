// Package format says what goes over the wire to a webhook: the body of a
// delivery and the headers that prove where it came from.
//
// Its promises:
//
//   - The body of a delivery depends on nothing but what is stored: it is the
//     same, byte for byte, in all attempts.
//   - Every body is a fixed point of JavaScript's JSON.stringify(JSON.parse(body)),
//     since some receivers verify the signature over that.
package format
