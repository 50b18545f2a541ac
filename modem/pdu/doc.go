// Package pdu is the codec between short messages and the hexadecimal PDUs that
// a modem in PDU mode takes with +CMGS and prints with +CMGL, +CMGR, +CMT and
// +CDS (3GPP TS 27.005 section 3.1, 3GPP TS 23.040 section 9.2).
//
// What it promises:
//
//   - Submit.Encode is strict: it returns upper-case hexadecimal digits and
//     nothing else, or an error that names the field at fault.
//   - Decode is tolerant: what real devices and networks get wrong is repaired,
//     and each repair is named in the message's Repairs. It fails only if the
//     address or a fixed field cannot be read, so that nothing useful is left;
//     the caller then keeps the digits as they came.
//   - Decode never panics and its result depends on nothing but its argument.
//   - The TPDU of a decoded message holds the octets as received, without the
//     SMSC field and without what a device put after the end. Reading the same
//     message again, by another command or from another store, gives the same
//     octets.
//   - Received numbers and texts are reported, never corrected: an alphanumeric
//     sender stays one, a number without a "+" gets none.
//
// All functions are pure and safe for concurrent use. Errors and repairs never
// contain a number or a text.
package pdu
