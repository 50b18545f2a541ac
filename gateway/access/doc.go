// Package access says who may do what with the API: rights, the roles that hold
// them, the accounts that log in with passwords, and the tokens that are issued to
// them. It knows nothing of HTTP.
//
// What it promises:
//
//   - Neither time nor memory gives away a password, or whether a user exists.
//   - Guessing is slowed down per address and per user name, and few guesses are judged
//     at once. Somebody who logged in before, from an address that does not guess, is
//     never slowed down by it; nor is anybody in the house by those on the Internet.
//   - What was found good is found good again in microseconds: a hash of a password
//     is checked once, a token until it expires or any token is revoked.
//   - A token never allows more than its user may do at the time of the request; one of
//     tokens:manage gets others for all of that. It is worthless at once when it is
//     revoked, and a refresh token once it was exchanged; that is durable before the
//     answer.
package access
