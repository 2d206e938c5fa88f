package suite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"vacancy/internal/bench/meter"
)

// Machine is what the figures depend on.
type Machine struct {
	Processor  string
	Cores      int
	MemoryGiB  float64
	System     string // "Debian GNU/Linux 12 (bookworm), Linux 6.1.0"
	Go         string
	PostgreSQL string
	// Flush is how long the disk takes to keep a page that was written, in milliseconds: what a commit waits for at least.
	Flush float64
	Date  string
}

func inspectMachine(directory string) (Machine, error) {
	m := Machine{
		Processor: field("/proc/cpuinfo", "model name", ":"), Cores: runtime.NumCPU(), Go: runtime.Version(),
		Date: time.Now().UTC().Format(time.DateOnly),
	}
	var kib float64
	if _, err := fmt.Sscanf(field("/proc/meminfo", "MemTotal", ":"), "%f kB", &kib); err == nil {
		m.MemoryGiB = kib / (1 << 20)
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return m, err
	}
	m.System = strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`) + ", Linux " + string(bytes.TrimSpace(release))
	m.Flush, err = flush(directory)
	return m, err
}

// field is the value of a file's first line with a name, or "unknown".
func field(file, name, separator string) string {
	data, err := os.ReadFile(file)
	if err == nil {
		for line := range strings.Lines(string(data)) {
			key, value, found := strings.Cut(line, separator)
			if found && strings.TrimSpace(key) == name {
				return strings.TrimSpace(value)
			}
		}
	}
	return "unknown"
}

const (
	flushes   = 101
	flushPage = 8192 // PostgreSQL's
)

// flush is the time that half of many flushes do not exceed, in milliseconds.
func flush(directory string) (_ float64, err error) {
	file, err := os.CreateTemp(directory, "vacancy-bench-flush-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	times := make([]time.Duration, flushes)
	for i := range times {
		began := time.Now()
		if _, err := file.Write(make([]byte, flushPage)); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		times[i] = time.Since(began)
	}
	slices.Sort(times)
	return meter.Milliseconds(times[flushes/2]), nil
}

func (m Machine) String() string {
	return fmt.Sprintf("Measured on %s on a machine with %d cores (%s), %.0f GiB and %s; %s, PostgreSQL %s. Client, server and database "+
		"share the cores. The disk takes %s ms to flush a page.\n",
		m.Date, m.Cores, m.Processor, m.MemoryGiB, m.System, m.Go, m.PostgreSQL, short(m.Flush))
}
