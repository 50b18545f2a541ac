// Package modem drives a GSM modem on a serial port and makes it a
// [gateway.Modem]: it opens the port, brings the modem into a known state, sends
// PDUs one at a time, takes in what arrives, and starts over whenever the port or
// the modem is lost.
//
// Its promises:
//
//   - A received PDU leaves the modem's storage only after [Inbox] returned nil for
//     it. What was not taken in stays and is offered again; what was taken in but
//     could not be deleted is not offered again by the same process.
//   - What is deleted was read at the index it is deleted by: a listing is checked
//     once for each storage, and a record again if it was listed some time ago or if
//     lines of the listing may be missing.
//   - What is taken in is what the storage holds: a record whose length or fields do
//     not fit was read the same three times with nothing in between; one that seems to
//     lack digits, for a quarter of an hour, and stays in the storage until then.
//   - A SIM is known by an identity that was read twice, or was known before.
//     Messages that others stored to be sent are counted and left alone, unless they
//     are to be purged.
//   - Status reports are stored by the modem before they are handed over where it is
//     known to have a place for them; elsewhere one is lost if the process dies at
//     that moment.
//   - A PDU counts as not sent only if its Ctrl-Z was not written, and as refused
//     only if the modem said so. Anything else without an answer is Unknown.
//   - Between the Ctrl-Z and the answer, or the end of the time allowed for it,
//     nothing is written to the modem.
//   - Nothing half written is left behind: a PDU that nobody waits for any more is
//     abandoned with an escape, unless its Ctrl-Z was written.
//   - What the modem said to a PDU is handed on as evidence, without numbers or texts.
//     If messages are stored before they are sent, the modem's own note decides where
//     its answer was lost; records of others are no evidence.
//   - A PIN is sent to a SIM at most once, ever, unless it was accepted: the attempt
//     is stored before it is made, and that it was refused is remembered even if
//     somebody else unlocks the SIM. It is not sent if the modem says that less than
//     two attempts are left. A PUK is never sent.
//   - A modem that fails is brought back step by step: its port opened again, itself
//     set up with patience, its radio switched, itself restarted, its USB device
//     reset, the owner's command run; then it is left alone for an hour. Steps from
//     the restart on are at least ten minutes apart, over restarts of the process,
//     too, if there is a [Journal]. None switches the radio off while the fate of a
//     PDU may still show.
//   - A modem is the one that is configured, by port, IMEI and USB device as far as
//     they are given, or it is not used. It is looked for anew after each loss, under
//     whatever name it comes back; two modems never share a port.
//   - [Probe] changes no message and no setting that survives a power cycle. It enters
//     no PIN it was not given.
//   - [Modem.Run] never ends because of a device; [Modem.Status] says in plain words
//     what is wrong and what to do.
//
// A session lasts as long as the port stays open. One goroutine, that of Run,
// owns the commands of a session. Unsolicited codes are only kicks to look at the
// modem's storage, except for messages the modem hands over without storing
// them, which a second goroutine takes in at once. Vendors' differences are rows
// of the table in profile_table.go.
package modem
