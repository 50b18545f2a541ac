// Package config reads the daemon's configuration: a YAML file, environment
// variables that override it, and files that hold secrets.
//
// Its promises:
//
//   - What is written ([Input]) and what is used ([Config]) are two types;
//     [Parse] is the only bridge. A Config it returned is complete and valid.
//   - Nothing is ignored: an unknown key, an unknown TETHERD_ variable, a key
//     given twice or a value of the wrong kind is a [Problem] that names the
//     place, the key and the way to mend it. All problems are reported at once.
//   - Secrets never appear in a problem or in what [Config.Print] writes.
//
// The table keys in keys.go is the one list of everything that can be set;
// parsing, the environment, printing and the test of the reference file follow
// from it.
package config
