// Package invariant checks what the gateway promises against what outsiders saw:
// the network that took the PDUs, the receiver of the webhooks, a client of the
// API, the SIM and the port. Tests that inject faults, kill the daemon or let it
// run for long fill in a [Run] and ask for its [Run.Violations]. What a test did
// not watch it leaves empty. Only tests import it.
//
// The promises of the gateway, by the names that violations begin with:
//
//   - I1: a message that was accepted is there and ends as the network says.
//   - I2: a text that came in is in the inbox exactly as often as it was sent.
//   - I3: a PDU is handed over twice only if its outcome was not known, if the
//     policy is to send again, and with a mark.
//   - I4: every event reaches every webhook, always under the same ID and in the same
//     words, in order where that was asked for, and not again once that is stored.
//   - I5: states do not go back and first times do not change.
//   - I6: memory, goroutines and open files do not grow.
//   - I7: what is due comes in time whatever the wall clock does.
//
// Those of the driver of the modems:
//
//   - M2: a message leaves the SIM only once it is stored.
//   - M4: a PIN that was not accepted is not tried again, a PUK never.
//   - M5: no answer is taken for that to another command.
//   - M6: the parts of a long message share a reference that no other has.
//   - M8: after a fault messages are sent again within a limit.
//   - M9: nothing that was taken in stays in the storages of the modem.
//   - M10: nothing is written between a Ctrl-Z and its result or time-out.
//   - M11: a modem is not made to restart more often than every ten minutes.
package invariant
