package config_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tetherd/cmd/tetherd/config"
	"tetherd/modem"
)

// What can be chosen for a modem is what its driver takes.
func TestChoicesOfModems(t *testing.T) {
	var rates []string
	for _, r := range modem.BaudRates() {
		rates = append(rates, strconv.Itoa(r))
	}
	if diff := cmp.Diff(rates, config.BaudRates); diff != "" {
		t.Errorf("baud rates (-driver +configuration):\n%s", diff)
	}
	if diff := cmp.Diff(modem.Domains, config.SMSDomains); diff != "" {
		t.Errorf("domains (-driver +configuration):\n%s", diff)
	}
}
