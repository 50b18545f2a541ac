// Command tetherd is an SMS gateway: it turns GSM modems on serial ports into a
// REST API with webhooks.
//
// This package is the composition root and the command line. It alone sees every
// other package. What it adds to them:
//
//   - A wrong configuration or a busy address ends it at once, with exit status 1
//     or 2 and a sentence that says what to do; a missing modem never does.
//   - It stops in a stated order: nothing new is taken, what is in hand is waited
//     for, modems go, the store is closed last. A second signal skips the waiting.
//   - If a component fails, the daemon stops in that order and exits with 2, so
//     that its supervisor starts it anew.
//
// Exit status: 0 is success, 1 a mistake in the command line or in the
// configuration (trying again is no use), 2 any other failure.
package main
