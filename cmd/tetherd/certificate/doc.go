// Package certificate keeps the certificate of the API: it makes one that signs
// itself, reads those of others, and takes new ones while connections go on.
//
// A certificate that cannot be used never replaces one that can.
package certificate
