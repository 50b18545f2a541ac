// Package sms knows what fits into one short message: the alphabets of 3GPP TS
// 23.038, how a text is cut into concatenated segments (3GPP TS 23.040
// section 9.2.3.24.1) and how the parts of a received message become one text
// again. It imports only the standard library, so every layer may use it.
//
// What it promises:
//
//   - Split uses the GSM 7-bit default alphabet with its extension table if every
//     character fits, UCS-2 (in truth UTF-16) otherwise. Texts are never
//     transliterated, but by SplitAs if Smart is asked for and saves parts.
//   - The texts of the segments, put together, are the text that was split. No
//     segment holds more than its part of 140 octets leaves room for, and no
//     cut falls inside an escape sequence or a surrogate pair.
//   - Join and GSM7Text accept everything a network can deliver and always
//     return valid UTF-8.
//
// All functions are pure and safe for concurrent use.
package sms
