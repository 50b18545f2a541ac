package receivers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"testing"
)

// start runs a program that says the port it listens on in its first line, and
// returns its address. It is stopped when the test is over.
func start(t testing.TB, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	in, err := cmd.StdinPipe() // the program ends when it is closed, also by our own end
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	line, _ := bufio.NewReader(out).ReadBytes('\n')
	var hello struct {
		Port int `json:"port"`
	}
	if err := json.Unmarshal(line, &hello); err != nil {
		in.Close()
		cmd.Wait()
		t.Fatalf("%s %v did not start: %q\n%s", program, args, line, &complaints)
	}
	t.Cleanup(func() {
		in.Close()
		err := cmd.Wait()
		if err != nil || complaints.Len() > 0 {
			t.Errorf("%s %v: %v\n%s", program, args, err, &complaints)
		}
	})
	return fmt.Sprintf("http://127.0.0.1:%d", hello.Port)
}
