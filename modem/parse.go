package modem

import (
	"strconv"
	"strings"
)

// entry is a record of a message storage, as +CMGL and +CMGR show it.
type entry struct {
	index  int    // in its storage; -1 if not told
	stat   int    // 0, 1 received (unread, read); 2, 3 to be sent (unsent, sent); -1 if not told
	length int    // octets of the TPDU as announced; -1 if not told
	pdu    string // hexadecimal digits; empty if they were missing
}

// States of a record that is to be sent (3GPP TS 27.005 §3.1, <stat>).
const (
	statUnsent = 2
	statSent   = 3
)

// received tells entries that came from the network, as far as stat says.
func (e entry) received() bool { return e.stat < 2 }

// whole reports whether the number of digits matches the announced length. Many
// devices announce nonsense, so a mismatch is no error, but a reason to read
// again before anything is deleted.
func (e entry) whole() bool {
	digits, known := e.announced()
	return known && len(e.pdu) == digits
}

// announced returns how many digits the record has according to its announced length.
func (e entry) announced() (digits int, known bool) {
	if e.length < 0 || len(e.pdu) < 2 {
		return 0, false
	}
	smsc, err := strconv.ParseUint(e.pdu[:2], 16, 8)
	return 2 * (1 + int(smsc) + e.length), err == nil
}

// parseCMGL reads the answer to +CMGL in PDU mode (3GPP TS 27.005 §4.1): headers
// `+CMGL: <index>,<stat>,[<alpha>],<length>` with a PDU behind each. Some devices
// leave out <alpha>. Headers without an index are passed over.
func parseCMGL(lines []string) []entry {
	var out []entry
	for _, line := range lines {
		rest, isHead := value([]string{line}, "+CMGL:")
		if !isHead {
			if n := len(out); n > 0 && out[n-1].pdu == "" {
				out[n-1].pdu = strings.ToUpper(line)
			}
			continue
		}
		fs := fields(rest)
		e := entry{stat: -1, length: -1}
		var ok bool
		if e.index, ok = nth(fs, 0).number(); !ok {
			continue
		}
		if stat, ok := nth(fs, 1).number(); ok {
			e.stat = stat
		}
		if length, ok := nth(fs, len(fs)-1).number(); ok && len(fs) > 2 {
			e.length = length
		}
		out = append(out, e)
	}
	return out
}

// parseCMGR reads the answer to +CMGR in PDU mode (3GPP TS 27.005 §4.2):
// `+CMGR: <stat>,[<alpha>],<length>` and a PDU; devices leave out any of the
// three. ok is false if there is no PDU: the place is empty.
func parseCMGR(lines []string, index int) (e entry, ok bool) {
	e = entry{index: index, stat: -1, length: -1}
	head := false
	for _, line := range lines {
		rest, isHead := value([]string{line}, "+CMGR:")
		if !isHead {
			if head && e.pdu == "" {
				e.pdu = strings.ToUpper(line)
			}
			continue
		}
		head = true
		fs := fields(rest)
		if length, ok := nth(fs, len(fs)-1).number(); ok {
			e.length = length
		}
		if stat, ok := nth(fs, 0).number(); ok && len(fs) > 1 {
			e.stat = stat
		}
	}
	return e, e.pdu != ""
}

// parseStored reads `+CMTI: <mem>,<index>` and `+CDSI: <mem>,<index>`. Fields
// behind these, as of a stored MMS notification, do not matter.
func parseStored(line string) (mem string, index int, ok bool) {
	_, rest, found := strings.Cut(line, ":")
	if !found {
		return "", 0, false
	}
	fs := fields(rest)
	mems := names(nth(fs, 0).text)
	index, ok = nth(fs, 1).number()
	if !ok || len(mems) != 1 {
		return "", 0, false
	}
	return mems[0], index, true
}

// fill is how full a message storage is; total is 0 if unknown.
type fill struct{ used, total int }

// parseCPMS reads how full the first storage is, from the answer to a set
// command, `+CPMS: <used1>,<total1>,…`, or a query, `+CPMS: <mem1>,<used1>,…`.
func parseCPMS(lines []string) (mem string, f fill, ok bool) {
	rest, found := value(lines, "+CPMS:")
	if !found {
		return "", fill{}, false
	}
	fs := fields(strings.Trim(rest, "()"))
	if _, isNumber := nth(fs, 0).number(); !isNumber && len(fs) > 0 {
		if ns := names(fs[0].text); len(ns) == 1 {
			mem = ns[0]
		}
		fs = fs[1:]
	}
	used, ok1 := nth(fs, 0).number()
	total, ok2 := nth(fs, 1).number()
	return mem, fill{used, total}, ok1 && ok2
}

// parseStores reads the answer to +CPMS=?: which storages can be mem1, mem2 and
// mem3. A list that is missing is empty.
func parseStores(lines []string) (mems [3][]string) {
	rest, _ := value(lines, "+CPMS:")
	if !strings.ContainsRune(rest, '(') {
		// Without parentheses the lists cannot be told apart.
		all := names(rest)
		return [3][]string{all, all, all}
	}
	// One pair of parentheses too many around everything.
	if strings.HasPrefix(rest, "((") {
		rest = strings.TrimPrefix(rest, "(")
	}
	for i, g := range groups(rest) {
		if i < len(mems) {
			mems[i] = names(g)
		}
	}
	return mems
}

// parseCNMIRanges reads the answer to +CNMI=?: the values each of the five
// parameters may have (3GPP TS 27.005 §3.4.1). A list that is missing is nil.
func parseCNMIRanges(lines []string) (ranges [5][]int) {
	rest, _ := value(lines, "+CNMI:")
	for i, g := range groups(rest) {
		if i < len(ranges) {
			ranges[i] = numbers(g)
		}
	}
	return ranges
}

// parseMR reads `+CMGS: <mr>[,…]` and `+CMSS: <mr>[,…]`; mr is -1 if it is missing or
// no octet.
func parseMR(line string) (mr int, ok bool) {
	rest, ok := value([]string{line}, "+CMGS:")
	if !ok {
		if rest, ok = value([]string{line}, "+CMSS:"); !ok {
			return -1, false
		}
	}
	if n, isNumber := nth(fields(rest), 0).number(); isNumber && n <= 255 {
		return n, true
	}
	return -1, true
}
