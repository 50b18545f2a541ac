// Package emulator is a GSM modem without a modem: it speaks AT over any stream or over a
// pseudo terminal, keeps a SIM and message storages, and is joined with others by a network
// that knows the truth about every message. It serves the demonstration mode and is the
// bench every fault is tried on. It shares no code with the driver it tests, so that both
// cannot be wrong in the same way.
//
// # The network
//
// [Network] is the service centre. [Network.Ledger] holds every message it accepted, whether
// or not the modem got to say so. [Rule] decides by destination what a submit meets: an error,
// silence before or after acceptance, delays, the sequence of status reports. A message to a
// number another modem has is delivered there. What a modem cannot take because it is off,
// without coverage or full is kept, in order, and offered again as soon as that changes;
// [Network.Inbound] tells when each TPDU was stored and when it was deleted. A message that is not
// delivered within its validity period is dropped. [NetworkFaults], [Deliveries] and [Malformed]
// are catalogues of what networks do.
//
// # The modem
//
// [Modem] follows 3GPP 27.005 and 27.007 and ITU-T V.250 in PDU mode. What differs between
// families is data, in a [Profile]; [Profiles] lists those there are. [Modem.Reset] is a power
// cycle: settings, PIN, registration and the counter of message references are lost, SIM and
// storages stay. Nothing unsolicited is written while a command runs or a prompt is open. A
// [Fault] strikes at a named [Point]; [Faults] is the catalogue of those worth trying. A modem has
// one main stream, which hears everything unsolicited, and may have further ones, see [SideKind].
//
// # Promises
//
//   - A submit is in the ledger before anything of its answer is written, and never without
//     the Ctrl-Z of a complete, well-formed PDU.
//   - A TPDU is stored before it is indicated, and leaves a storage by +CMGD only.
//   - A PIN attempt is counted before it is answered.
//   - All waiting is by channels and timers of package time, so that a modem on a pipe lives
//     in a testing/synctest bubble; only a [Port] needs real time. Nothing polls.
//   - What is kept for a host that does not read is bounded.
//
// # Gaps
//
// Text mode can be selected but has no messages: the commands that would read, list or send
// answer ERROR. There are no outgoing voice calls, cell broadcasts, phone books or national
// language tables. All streams of a modem share their settings, echo included. A terminal cannot
// be made busy or forbidden.
package emulator
