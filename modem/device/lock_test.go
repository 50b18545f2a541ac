package device_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"tetherd/modem/device"
)

func TestLockDevice(t *testing.T) {
	dir := t.TempDir()
	first, err := device.TakeLock(dir, "/dev/ttyUSB0", "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := device.TakeLock(dir, "/dev/ttyUSB0", "a"); !errors.Is(err, device.ErrLocked) {
		t.Errorf("second lock: %v, want ErrLocked", err)
	}
	other, err := device.TakeLock(dir, "/dev/ttyUSB1", "a")
	if err != nil {
		t.Errorf("lock of another device: %v", err)
	} else {
		other.Release()
	}
	first.Release()
	again, err := device.TakeLock(dir, "/dev/ttyUSB0", "a")
	if err != nil {
		t.Fatalf("lock after release: %v", err)
	}
	again.Release()
	if err := os.Symlink("/dev/null", filepath.Join(dir, "tetherd-dev-ttyX.lock")); err != nil {
		t.Fatal(err)
	}
	if _, err := device.TakeLock(dir, "/dev/ttyX", "a"); err == nil {
		t.Error("followed a link put in the way")
	}
}

// The program that has a terminal open is named, but not this one.
func TestHoldersOnHost(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	name := tty.Name()
	if got := device.Host().Holders(name)[name]; len(got) > 0 {
		t.Errorf("holders = %v, want none: this process does not count", got)
	}
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{tty}
	if err := cmd.Start(); err != nil {
		t.Fatalf("run cat: %v", err)
	}
	defer cmd.Wait()
	defer in.Close()
	// Between fork and exec it has the name of the test.
	want := []int{cmd.Process.Pid}
	var got []int
	for _, h := range device.Host().Holders(name)[name] {
		got = append(got, h.PID)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("processes (-want +got)\n%s", diff)
	}
}
