package config

import (
	"math"
	"regexp"
	"strconv"
)

const mebibyte int64 = 1 << 20

// sizeUnits are the units of sizes, as they are written.
var sizeUnits = map[string]int64{"KiB": 1 << 10, "MiB": mebibyte, "GiB": 1 << 30}

var writtenSize = regexp.MustCompile(`^([0-9]{1,10}) ?([KMG]iB)$`)

// parseSize reads a number of bytes with its unit.
func parseSize(s string) (bytes int64, ok bool) {
	m := writtenSize.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	unit := sizeUnits[m[2]]
	if err != nil || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}

// formatSize writes whole mebibytes as people do.
func formatSize(bytes int64) string {
	if gib := sizeUnits["GiB"]; bytes%gib == 0 {
		return strconv.FormatInt(bytes/gib, 10) + "GiB"
	}
	return strconv.FormatInt(bytes/mebibyte, 10) + "MiB"
}

// size returns a number of bytes within the bounds.
func (b *builder) size(path string, least, most int64) int64 {
	v := b.get(path)
	n, ok := parseSize(v.text)
	switch {
	case !ok:
		b.bad(path, v, "is not a size: write a number with its unit, such as 512KiB, 100MiB or 2GiB")
	case n < least || n > most:
		b.bad(path, v, "is not between %s and %s", formatSize(least), formatSize(most))
	}
	return n
}
