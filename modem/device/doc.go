// Package device finds modems among what is plugged in: USB devices, their
// serial ports, which of these takes AT commands, and who else has them open. It
// reads sysfs and procfs and asks ports; it sets nothing.
//
// Its promises:
//
//   - Nothing is remembered by the number in a name such as ttyUSB2, which another
//     device may get: a [Finder] looks each time, and follows a stick to whatever
//     port it comes back on.
//   - A port is given to one owner at a time, and asked for an IMEI only if no
//     configured modem is meant to be there and no other program has it open.
//   - What is written to a port to ask it is AT and AT+CGSN, nothing else; a port
//     that speaks DIAG or NMEA unasked is left alone.
//   - A stick that is plugged in but no use (storage mode, a router of its own, a
//     boot loader) is named as such, with what to do.
//
// What is known about makes of modems is data: the tables of families.go,
// modes.go and programs.go. The files of the system are read through an [fs.FS].
package device
