// Package invariant checks what the gateway promises against what outsiders saw:
// the network that took the PDUs, the receiver of the webhooks, a client of the
// API, and the SIM. Tests that inject faults, kill the daemon or let it run for
// long fill in a [Run] and ask for its [Run.Violations]. Nothing else imports it.
package invariant
