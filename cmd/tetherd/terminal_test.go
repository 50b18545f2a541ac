package main

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// typist stands in for somebody who answers each prompt at a terminal.
type typist struct {
	keyboard *os.File
	answers  []string
	shown    strings.Builder
}

func (p *typist) Write(b []byte) (int, error) {
	p.shown.Write(b)
	if strings.HasSuffix(string(b), ": ") && len(p.answers) > 0 {
		answer := p.answers[0]
		p.answers = p.answers[1:]
		if _, err := p.keyboard.WriteString(answer + "\n"); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// TestReadPasswordFromTerminal types passwords at a terminal, which must not show
// them.
func TestReadPasswordFromTerminal(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []string
		want    string // empty: an error is wanted
	}{
		{"twice the same", []string{"secret", "secret"}, "secret"},
		{"a mistake", []string{"secret", "secretly"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keyboard, terminal, err := pty.Open()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				keyboard.Close()
				terminal.Close()
			})
			p := &typist{keyboard: keyboard, answers: tt.answers}
			c := &cli{stdin: terminal, stderr: p}
			got, err := c.readPassword()
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("readPassword = %q, %v; want %q", got, err, tt.want)
			}
			if _, err := terminal.WriteString("end\n"); err != nil {
				t.Fatal(err)
			}
			screen, err := bufio.NewReader(keyboard).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(screen) != "end" {
				t.Errorf("the terminal showed %q, want nothing of the password", screen)
			}
			// Afterwards it shows what is typed again.
			if _, err := keyboard.WriteString("visible\n"); err != nil {
				t.Fatal(err)
			}
			if screen, err = bufio.NewReader(keyboard).ReadString('\n'); err != nil || strings.TrimSpace(screen) != "visible" {
				t.Errorf("after the password the terminal showed %q, %v; want what is typed", screen, err)
			}
		})
	}
}
