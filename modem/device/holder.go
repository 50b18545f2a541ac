package device

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Holder is a program that uses a port.
type Holder struct {
	PID  int
	Name string // as /proc/PID/comm shows it, up to 15 characters; may be empty
}

// String names the program for people.
func (h Holder) String() string {
	name := h.Name
	if name == "" {
		name = "another program"
	}
	return fmt.Sprintf("%s (process %d)", name, h.PID)
}

// Remedy says how to keep the program away.
func (h Holder) Remedy() string {
	if r := remedies[h.Name]; r != "" {
		return r
	}
	return remedyElse
}

// Holders returns the programs that have each of the given paths open, this one
// excepted, by path. Only what /proc shows can be found: programs of other users
// are hidden from all but root.
func (s System) Holders(paths ...string) map[string][]Holder {
	out := make(map[string][]Holder)
	self := strconv.Itoa(os.Getpid())
	for _, pid := range s.names("proc") {
		n, err := strconv.Atoi(pid)
		if err != nil || pid == self {
			continue
		}
		fds := path.Join("proc", pid, "fd")
		for _, fd := range s.names(fds) {
			target, err := fs.ReadLink(s.FS, path.Join(fds, fd))
			if err != nil || !slices.Contains(paths, target) {
				continue
			}
			h := Holder{PID: n, Name: s.text(path.Join("proc", pid, "comm"))}
			if !slices.Contains(out[target], h) {
				out[target] = append(out[target], h)
			}
		}
	}
	for _, p := range paths {
		if h, ok := s.uucpLock(path.Base(p)); ok && h.PID != os.Getpid() && !slices.ContainsFunc(out[p], func(o Holder) bool { return o.PID == h.PID }) {
			out[p] = append(out[p], h)
		}
		slices.SortFunc(out[p], func(a, b Holder) int { return a.PID - b.PID })
	}
	return out
}

// uucpLock returns the program that a lock file in the manner of UUCP names
// (FHS 3.0 §5.9), if it still runs.
func (s System) uucpLock(tty string) (Holder, bool) {
	for _, dir := range []string{"var/lock", "run/lock"} {
		pid, err := strconv.Atoi(s.text(path.Join(dir, "LCK.."+tty)))
		if err != nil || pid <= 0 {
			continue
		}
		if comm := s.text(path.Join("proc", strconv.Itoa(pid), "comm")); comm != "" {
			return Holder{PID: pid, Name: comm}, true
		}
	}
	return Holder{}, false
}

// Names lists programs for people: "a (process 1), b (process 2)".
func Names(hs []Holder) string {
	out := make([]string, len(hs))
	for i, h := range hs {
		out[i] = h.String()
	}
	return strings.Join(out, ", ")
}

// Remedies returns what keeps programs away, each remedy once.
func Remedies(hs []Holder) string {
	var out []string
	for _, h := range hs {
		if r := h.Remedy(); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return strings.Join(out, " ")
}

// Group returns the name of the group that owns a file, "dialout" if that cannot
// be found out.
func Group(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return groupElse
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Gid == 0 {
		return groupElse // being in root's group is not what is wanted
	}
	g, err := user.LookupGroupId(strconv.Itoa(int(st.Gid)))
	if err != nil {
		return groupElse
	}
	return g.Name
}

// groupElse owns serial ports on Debian and its relatives.
const groupElse = "dialout"
