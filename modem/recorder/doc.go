// Package recorder keeps what was last said between the gateway and a modem, as a
// flight recorder does: a bounded ring in memory per modem, and on disk the minute
// around each failure, so that a rare fault can be looked at after it happened.
//
// Lines come masked: numbers, texts, PDUs, PINs and identities of SIMs never reach
// a recorder, in memory or on disk. What is on disk is bounded in number and size,
// the oldest goes first, and nothing is written when the disk is nearly full.
// Recording never blocks and never fails; a failure to save is logged, not
// returned.
package recorder
