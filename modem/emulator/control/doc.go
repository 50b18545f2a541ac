// Package control lets people and scripts play the network and the hands at the plug of
// emulated modems. One table of commands serves lines typed at a prompt ([Bench.Interpret])
// and JSON over HTTP ([Bench.Handler]), and is its own documentation.
//
// # Promises
//
//   - Every command works the same by either way: parameters have names, a line gives them
//     in their order, and the last one takes the rest of the line.
//   - A mistake in a command changes nothing and is answered with a sentence that names the
//     parameter.
//   - Over HTTP, what changes something is a POST of JSON, which no web page of another
//     origin can send.
//
// The package knows nothing of the gateway.
package control
