// Package receivers stands for those who receive webhooks, for tests of other
// packages: programs written as the documentation of each product tells its
// customers to write them, in Go, and as processes of Node (Express 4 and 5,
// Fastify) and Python. [NodeClient] stands for those who use the API with the client that
// is published for Node.
//
// Its promises:
//
//   - It shares no code with what it judges: nothing here comes from another package
//     of this module.
//   - A receiver in Go needs nothing else, so every rule is tried everywhere. Where
//     Node or Python is not there, tests that ask for it skip and say why;
//     scripts/test-setup.sh installs Node and its packages.
//   - A process listens on the loopback interface only and ends with its test, or
//     with the process of the test.
//   - What a receiver was sent is noted before its own code looks at it.
//
// A kind of receiver is named framework/rule, such as "express5/integify". The rules
// are named for formats, and for signatures that a webhook can have beside those:
// "github", "stripe" and "ed25519". Of the others, "smobi", whose product documents no
// signature, verifies none, "query" verifies the query of a GET, and "reserialised"
// verifies the headers of Standard Webhooks over JSON.stringify(JSON.parse(body)),
// which must hold for every format.
package receivers
