package meter

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	t.Parallel()
	const text = "42 (a (b) 1 2) S 7 42 42 0 -1 4194560 900 0 0 0 150 50 300 100 20 0 9 0 100 12345 500 18446744073709551615 1"
	s, err := parseStat([]byte(text))
	want := stat{
		program: "a (b) 1 2", parent: 7, cpu: 2 * time.Second, ended: 4 * time.Second, memory: int64(500 * os.Getpagesize()),
	}
	if err != nil || s != want {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{"", "42 ) a ( S 1", "42 (a) S 1", strings.Replace(text, " 150 ", " x ", 1)} {
		if _, err := parseStat([]byte(bad)); !errors.Is(err, errStat) {
			t.Errorf("%q is read: %v", bad, err)
		}
	}
}

// burn uses some CPU.
func burn(d time.Duration) {
	for end := Own() + d; Own() < end; {
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	burn(3 * clockTick)
	u, err := Process(os.Getpid())
	if err != nil || u.Memory < 1<<20 || u.CPU < clockTick {
		t.Errorf("this process uses %+v, %v", u, err)
	}
	if _, err := Process(1 << 30); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a process that is not there: %v", err)
	}
	if _, err := FamilyCPU(1 << 30); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a family that is not there: %v", err)
	}
}

// A family's CPU is its parent's and its children's, and does not shrink when a child ends.
func TestFamilyCPU(t *testing.T) {
	t.Parallel()
	const spin = "for ((i = 0; i < 100000; i++)); do :; done"
	// The shell has two children: one that ends, and one that stays.
	cmd := exec.CommandContext(t.Context(), "bash", "-c", fmt.Sprintf(
		"(%s) >/dev/null; (%s; echo done; exec sleep 600) & pid=$!; read -r; kill $pid; wait $pid; echo gone; read -r", spin, spin))
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("done\n"))); err != nil {
		t.Fatal(err)
	}
	both, err := FamilyCPU(cmd.Process.Pid)
	alone, err2 := Process(cmd.Process.Pid)
	if err != nil || err2 != nil || both < alone.CPU+4*clockTick {
		t.Errorf("the family uses %s, its parent alone %s: %v, %v", both, alone.CPU, err, err2)
	}
	if _, err := in.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("gone\n"))); err != nil {
		t.Fatal(err)
	}
	if later, err := FamilyCPU(cmd.Process.Pid); err != nil || later < both {
		t.Errorf("the family used %s, and %s without its children: %v", both, later, err)
	}
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil && cmd.ProcessState == nil {
		t.Error(err)
	}
}

func TestParent(t *testing.T) {
	t.Parallel()
	if pid, err := Parent(os.Getpid(), "postgres"); err == nil {
		t.Errorf("this test is taken for a database server whose first process is %d", pid)
	}
	if _, err := Parent(1<<30, "postgres"); err == nil {
		t.Error("a process that is not there has a parent")
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	uses, cpu := []Use{{time.Second, 1}, {3 * time.Second, 7}}, []time.Duration{time.Second, 5 * time.Second}
	m := Meter{
		Server:   func() (Use, error) { u := uses[0]; uses = uses[1:]; return u, nil },
		Database: func() (time.Duration, error) { d := cpu[0]; cpu = cpu[1:]; return d, nil },
	}
	u, err := m.Measure(func() error { burn(clockTick); return nil })
	if err != nil || u.ServerCPU != 2 || u.ServerMemory != 7 || u.DatabaseCPU != 4 || u.LoadCPU < clockTick.Seconds() {
		t.Errorf("%+v, %v", u, err)
	}
	if u, err := (Meter{}).Measure(func() error { return nil }); err != nil || u.ServerCPU != 0 || u.DatabaseCPU != 0 {
		t.Errorf("nothing uses %+v, %v", u, err)
	}
	for name, broken := range map[string]Meter{
		"server":   {Server: func() (Use, error) { return Use{}, io.EOF }},
		"database": {Database: func() (time.Duration, error) { return 0, io.EOF }},
		"load":     {},
	} {
		if _, err := broken.Measure(func() error { return io.EOF }); !errors.Is(err, io.EOF) {
			t.Errorf("a broken %s: %v", name, err)
		}
	}
}
