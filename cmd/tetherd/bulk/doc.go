// Package bulk reads files of messages to send: comma-separated values with a header,
// or one JSON object per line.
//
// What it promises:
//
//   - A file is read as a whole before anything of it is used, and a mistake is an
//     [*Error] that names the line and the column.
//   - A column or a field that is not known is a mistake, not left out: one that is
//     misspelt would go wrong unnoticed.
//   - A file becomes as few requests as the API takes, and the key of each follows from
//     who is sent what alone, so that the same file leads to the same keys.
package bulk
