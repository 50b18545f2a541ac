//go:build race

package main_test

// raceEnabled says whether the tests, and so the daemon they build, have the
// race detector.
const raceEnabled = true
