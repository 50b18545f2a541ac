// Package store keeps everything the gateway must not forget in one bbolt file.
// It implements [tetherd/gateway.Store].
//
// Its promises:
//
//   - A [DB.Commit] that returned nil is on the disk: it survives a crash of the
//     process and, as far as the disk keeps its word, of the machine.
//   - A Change is stored whole or not at all. One that conflicts with what is
//     stored is refused before its first row is written, and alone.
//   - An index row exists if and only if its entity calls for it, and a counter
//     counts what is there: both are written in the transaction of the entity.
//     [DB.Check] proves it.
//   - No reading costs more than what it returns, a few seeks, and the rows that
//     the caller's own skip function or offset passes over.
//   - What waits for webhooks is bounded, in number for each and in bytes for all: of
//     more the oldest is dropped, in the commit of what is new, and its observers are
//     told. Nothing new is refused for it.
//   - The log for users is bounded in number and in the size of its entries, and is
//     written in batches, of which a crash loses the last.
//   - A row that is damaged is passed over when several are read, logged once and
//     counted: see [DB.Damage]. It keeps nobody from the others.
//   - After a failed write nothing more is written. [DB.Failed] says why. The
//     Changes of that write were refused, but may be there after a restart: a disk
//     that fails while it syncs does not say what it kept.
//   - The file does not stay large for ever: when it is opened and more than half of
//     it is free pages, it is written anew. A crash leaves the old file or the new
//     one, and the copying never keeps a gateway from starting.
//
// One goroutine writes. It takes all Changes that wait, without waiting for more,
// and stores them in one transaction with one fsync, so that an idle store
// answers at once and a busy one shares the cost. Encoding and the comparison
// with the stored row are done in the goroutines of the callers.
//
// # Layout
//
// Integers are big-endian; i64, time and priority are mapped so that the order
// of bytes is the order of values. str is a length and bytes. "‖" joins.
//
//	bucket     key                                         value
//	meta       schema, timeline, clean                     u32, JSON, –
//	settings   key                                         text
//	counters   kind ‖ state, type, endpoint or lane        u64
//	msg        seq u64                                     rev u64 ‖ JSON with the first 16 recipients
//	rcpt       seq u64 ‖ chunk u32, from 1                 JSON of the next 16 recipients
//	msgid      Message.ID                                  seq u64
//	list       state u8, 0 any ‖ CreatedAt ‖ seq           –
//	out        lane ‖ priority u8 ‖ due i64 ‖ seq ‖ idx u32      –
//	timer      kind u8 ‖ due i64, ticks or wall ms ‖ seq ‖ idx   –
//	active     seq ‖ idx                                   –
//	mr         str SIM ‖ TP-MR u8 ‖ seq ‖ idx ‖ part u32   –
//	unknown    str SIM ‖ seq ‖ idx ‖ part                  –
//	inbox      seq u64                                     JSON
//	inlist     type u8, 0 any ‖ ArrivedAt ‖ seq            –
//	inkey      digest, 16 bytes                            seq u64 of the newest
//	frag       group ‖ part u32                            since i64 ‖ JSON
//	stale      newest since i64 ‖ group                    –
//	seen       key of the TPDU                             tick i64
//	seenage    tick i64 ‖ key                              –
//	parked     seq u64                                     since i64 ‖ JSON
//	parksim    str SIM ‖ seq                               –
//	pin        str SIM ‖ SHA-256                           –
//	webhooks   Endpoint.ID                                 JSON
//	epnum      num u32                                     Endpoint.ID
//	reap       num u32 of a deleted endpoint with rows     –
//	forwards   Forward.ID                                  JSON
//	optout     str OptOut.Affinity ‖ OptOut.Number         JSON
//	evt        seq u64                                     form u8 ‖ tick i64 ‖ endpoints ‖ JSON
//	dlv        endpoint u32 ‖ event u64                    compact row
//	due        endpoint u32 ‖ due i64 ‖ event u64          –
//	dead       endpoint u32 ‖ event u64                    tick i64 at which it ended
//	att        endpoint u32 ‖ n u64                        tick i64 ‖ JSON
//	epstate    endpoint u32                                JSON
//	log        seq u64                                     tick i64 ‖ time ‖ JSON
//	charge     Charge.Num u64                              JSON
//	token      Token.ID                                    JSON
//	tokenage   ExpiresAt i64, seconds ‖ Token.ID           –
//	once       gateway.RequestKey                          until tick i64 ‖ digest, 32 bytes ‖ answer
//	onceage    until tick i64 ‖ gateway.RequestKey         –
//	conv       str Talk.Affinity ‖ str Talk.Peer ‖ modem   compact row
//	convage    tick i64 ‖ key of conv                      –
//
// A lane is slot u32 ‖ str pin ‖ str rule ‖ str prefer.
// A group is str SIM ‖ str sender ‖ TOA u8 ‖ wide u8 ‖ reference u16 ‖ total u32 ‖
// generation u32. Sequence numbers are those of the buckets msg, inbox, parked,
// evt, att, epnum, log and forwards, start at 1 and are never used twice.
package store
