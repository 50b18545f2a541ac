// Package line stands between a modem's port and the command engine of
// github.com/warthog618/modem/at, which pairs commands with answers as long as
// what it reads is in order. A [Line] puts it in order.
//
// Its promises:
//
//   - The engine sees nothing but the answer to the command it is waiting for:
//     information lines the command said it expects, then one clean final result.
//     Echoes, noise, blank lines, unsolicited result codes and lines that come
//     too late never reach it.
//   - Every unsolicited result code of the table in urc.go goes to the handler, in
//     the order of arrival, with the PDU that belongs to it.
//   - Every command ends: with the modem's final result, or at its deadline, or
//     when it is aborted, or when the port is gone. After a deadline nothing is
//     taken for an answer until a [Command] with Resync was answered.
//   - A command that takes a PDU gets one prompt at most. The PDU is completed with
//     Ctrl-Z only if Permit agrees, and from then on not one byte is written
//     until the result or the deadline. One that was not completed is abandoned
//     with an escape, also when the line is closed.
//   - Any bytes may come: memory is bounded and nothing panics. Any Write may hang:
//     it fails at its deadline, and the port with it.
package line
