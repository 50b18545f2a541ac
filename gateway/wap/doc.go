// Package wap decodes what service centres push to port 2948: WSP push PDUs
// (WAP-230-WSP §8.2.4.1) and the MMS notification that most of them carry
// (OMA-TS-MMS-ENC §6.2, M-Notification.ind).
//
// It is tolerant: networks truncate, leave out terminators and use header fields
// of later versions. What cannot be read is passed over and named in
// [Notification.Defects]; an error is returned only for octets that are no push,
// or no notification, at all. No input makes it panic, run long, or return more
// than it was given.
package wap
