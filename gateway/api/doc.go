// Package api is the HTTP API as seen on the wire: the JSON objects and a typed
// [Client]. It imports only the standard library, so that programs which talk to
// a gateway need nothing else of it.
//
// What it promises:
//
//   - Field names and spellings of values are those of the API. A field that has
//     no value is left out, never null.
//   - Times are read with any fraction of a second and any offset, and written
//     with milliseconds and an offset; see [Time].
//   - Unknown fields are ignored, so that a client outlives newer servers.
//   - Every answer other than success comes back as an [*Error].
package api
