package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what a process has used so far.
type usage struct {
	cpu    time.Duration
	memory int64 // resident bytes
}

// meter asks what the server has used.
type meter func(ctx context.Context) (usage, error)

// clockTick is the unit of CPU times in /proc: USER_HZ, which is 100 on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// processMeter reads /proc.
func processMeter(pid int) meter {
	return func(context.Context) (usage, error) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return usage{}, err
		}
		return parseStat(stat)
	}
}

// parseStat reads fields 14, 15 and 24 of proc_pid_stat(5). The second is the program's name in brackets, and may hold anything.
func parseStat(stat []byte) (usage, error) {
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 22 {
		return usage{}, fmt.Errorf("the process's stat has %d fields", len(fields)+2)
	}
	var numbers [3]int64
	for i, at := range [...]int{11, 12, 21} {
		n, err := strconv.ParseInt(fields[at], 10, 64)
		if err != nil {
			return usage{}, fmt.Errorf("the process's stat: %w", err)
		}
		numbers[i] = n
	}
	return usage{cpu: time.Duration(numbers[0]+numbers[1]) * clockTick, memory: numbers[2] * int64(os.Getpagesize())}, nil
}

// metricsMeter reads the process's own metrics in the Prometheus text format.
func metricsMeter(address string) meter {
	return func(ctx context.Context) (usage, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return usage{}, err
		}
		response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
		if err != nil {
			return usage{}, err
		}
		defer func() { _ = response.Body.Close() }()
		var u usage
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			name, text, _ := strings.Cut(lines.Text(), " ")
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				continue
			}
			switch name {
			case "process_cpu_seconds_total":
				u.cpu = time.Duration(value * float64(time.Second))
			case "process_resident_memory_bytes":
				u.memory = int64(value)
			}
		}
		return u, lines.Err()
	}
}

// ownCPU is what the load itself has used.
func ownCPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// Usage is what a run took of the machine.
type Usage struct {
	// ServerCPU is in seconds, while the load ran.
	ServerCPU float64 `json:"server_cpu_seconds"`
	// ServerMemory is resident, at the end of the load.
	ServerMemory int64 `json:"server_memory_bytes"`
	// LoadCPU is what the load took away from the server, in seconds.
	LoadCPU float64 `json:"load_cpu_seconds"`
}

// metered runs a load, and tells what it took.
func (s *session) metered(ctx context.Context, load func() error) (Usage, error) {
	before, err := s.usage(ctx)
	if err != nil {
		return Usage{}, fmt.Errorf("ask what the server uses: %w", err)
	}
	own := ownCPU()
	if err := load(); err != nil {
		return Usage{}, err
	}
	own = ownCPU() - own
	after, err := s.usage(ctx)
	if err != nil {
		return Usage{}, fmt.Errorf("ask what the server uses: %w", err)
	}
	return Usage{ServerCPU: (after.cpu - before.cpu).Seconds(), ServerMemory: after.memory, LoadCPU: own.Seconds()}, nil
}
