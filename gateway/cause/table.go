package cause

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The table is text, so that it can be read and corrected by people who know
// operators better than Go. Blocks are separated by empty lines, lines that begin
// with "#" are comments:
//
//	CMS 41 retry elsewhere wait 10s   family, code, class; "elsewhere" and "wait" are optional
//	= temporary failure               wording of the standard; several are separated by " / "
//	The network failed for a moment.  one sentence
//	- A short fault of the network.   likely causes
//	> Nothing: it is sent again.      what the owner can do
//
// A block "CME 14", "= SIM busy", "@ CMS 314" takes all but the wording from
// another block.
//
//go:embed table_cms.txt table_cme.txt table_st.txt
var files embed.FS

type key struct {
	family Family
	code   int
}

// parsed is the table in use. It is not changed after it was made.
type parsed struct {
	rows   []Cause
	index  map[key]int
	titles map[string][]int // by plain wording
}

// table parses the embedded files at the first use.
var table = sync.OnceValue(func() *parsed {
	var text strings.Builder
	for _, name := range []string{"table_cms.txt", "table_cme.txt", "table_st.txt"} {
		b, err := files.ReadFile(name)
		if err != nil {
			panic("cause: " + err.Error())
		}
		text.Write(b)
		text.WriteString("\n")
	}
	t, err := parse(text.String())
	if err != nil {
		panic("cause: " + err.Error()) // the tests parse the same files
	}
	return t
})

// parse reads a table.
func parse(text string) (*parsed, error) {
	t := &parsed{index: make(map[key]int), titles: make(map[string][]int)}
	like := make(map[int]key) // rows that take after another
	for n, block := range blocks(text) {
		c, ref, err := parseBlock(block)
		if err != nil {
			return nil, fmt.Errorf("parse block %d %q: %w", n+1, block[0], err)
		}
		k := key{c.Family, c.Code}
		if _, ok := t.index[k]; ok {
			return nil, fmt.Errorf("%s: given twice", c.Name())
		}
		t.index[k] = len(t.rows)
		if ref != (key{}) {
			like[len(t.rows)] = ref
		}
		t.rows = append(t.rows, c)
	}
	for i, ref := range like {
		j, ok := t.index[ref]
		if _, chained := like[j]; !ok || chained {
			return nil, fmt.Errorf("%s: refers to %s %d, which is not a block of its own", t.rows[i].Name(), ref.family, ref.code)
		}
		c := t.rows[j]
		c.Family, c.Code, c.Title = t.rows[i].Family, t.rows[i].Code, t.rows[i].Title
		t.rows[i] = c
	}
	for i := range t.rows {
		for title := range strings.SplitSeq(t.rows[i].Title, " / ") {
			t.titles[plain(title)] = append(t.titles[plain(title)], i)
		}
	}
	return t, nil
}

// blocks returns the lines of each block.
func blocks(text string) [][]string {
	var out [][]string
	var block []string
	for line := range strings.Lines(text + "\n\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
		case line != "":
			block = append(block, line)
		case block != nil:
			out = append(out, block)
			block = nil
		}
	}
	return out
}

// parseBlock reads one block. like is the block it takes after.
func parseBlock(lines []string) (c Cause, like key, err error) {
	words := strings.Fields(lines[0])
	if len(words) < 2 {
		return c, like, fmt.Errorf("want family and code")
	}
	if c.Family, c.Code, err = parseCode(words[0], words[1]); err != nil {
		return c, like, err
	}
	if err := c.parseClass(words[2:]); err != nil {
		return c, like, err
	}
	for _, line := range lines[1:] {
		mark, rest, _ := strings.Cut(line, " ")
		switch mark {
		case "=":
			c.Title = rest
		case "-":
			c.Likely = append(c.Likely, rest)
		case ">":
			c.Action = rest
		case "@":
			f, n, _ := strings.Cut(rest, " ")
			if like.family, like.code, err = parseCode(f, n); err != nil {
				return c, like, err
			}
		default:
			if c.Text != "" {
				return c, like, fmt.Errorf("two sentences")
			}
			c.Text = line
		}
	}
	own := c.Class != "" && c.Text != "" && len(c.Likely) > 0 && c.Action != ""
	if borrowed := like != (key{}); c.Title == "" || own == borrowed {
		return c, like, fmt.Errorf("incomplete")
	}
	return c, like, nil
}

func parseCode(family, code string) (Family, int, error) {
	f := Family(family)
	if !slices.Contains([]Family{CMS, CME, ST}, f) {
		return "", 0, fmt.Errorf("unknown family %q", family)
	}
	n, err := strconv.ParseInt(code, 0, 16)
	if err != nil || n < 0 {
		return "", 0, fmt.Errorf("bad code %q", code)
	}
	return f, int(n), nil
}

// parseClass reads what stands behind the code.
func (c *Cause) parseClass(words []string) error {
	if len(words) == 0 {
		return nil
	}
	c.Class = Class(words[0])
	if !slices.Contains([]Class{Permanent, Retry, Pause, Fix, Unknown, Accepted, Pending, Delivered}, c.Class) {
		return fmt.Errorf("unknown class %q", words[0])
	}
	words = words[1:]
	if len(words) > 0 && words[0] == "elsewhere" {
		c.Elsewhere = true
		words = words[1:]
	}
	if len(words) == 2 && words[0] == "wait" {
		d, err := time.ParseDuration(words[1])
		if err != nil {
			return err
		}
		c.Wait = d
		words = nil
	}
	if len(words) > 0 {
		return fmt.Errorf("unknown word %q", words[0])
	}
	return nil
}
