// Package cause explains why messages fail: every code of +CMS ERROR, +CME ERROR
// and TP-ST in one table, with what it means for the message, the likely causes
// and what the owner can do. It decides what is tried again, and is what the API,
// the command line and the log say.
//
// The table is embedded text, one block per code; see table.go. Codes that the
// standards reserve and those of single makers are explained by the range they lie
// in, so that there is no code without an answer. Nothing here changes after the
// first use; all functions are safe for concurrent use.
package cause
