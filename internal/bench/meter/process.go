package meter

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Use is what a process has used so far.
type Use struct {
	CPU    time.Duration
	Memory int64 // resident bytes
}

// clockTick is the unit of CPU times in /proc: USER_HZ, which is 100 on every Linux that Go runs on.
const clockTick = 10 * time.Millisecond

// Process reads what a process of this machine has used.
func Process(pid int) (Use, error) {
	s, err := readStat(pid)
	return Use{CPU: s.cpu, Memory: s.memory}, err
}

// FamilyCPU is what a process has used together with its children, those that have ended among them. A PostgreSQL server is such a
// family: a process for each connection, and some more.
func FamilyCPU(parent int) (time.Duration, error) {
	first, err := readStat(parent)
	if err != nil {
		return 0, err
	}
	all := first.cpu + first.ended
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended since
		}
		if s, err := parseStat(data); err == nil && s.parent == parent {
			all += s.cpu
		}
	}
	return all, nil
}

// Parent is the parent of a process whose program has the given name. It is an error if the process, or its parent, is another
// program: then the id belongs to another machine.
func Parent(pid int, program string) (int, error) {
	s, err := readStat(pid)
	if err != nil {
		return 0, err
	}
	parent, err := readStat(s.parent)
	if err != nil {
		return 0, err
	}
	if s.program != program || parent.program != program {
		return 0, fmt.Errorf("process %d is %s, a child of %s, and neither may be other than %s", pid, s.program, parent.program, program)
	}
	return s.parent, nil
}

// Own is what this process has used.
func Own() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// stat is what /proc tells of a process.
type stat struct {
	program string
	parent  int
	cpu     time.Duration
	ended   time.Duration // what children used that have ended
	memory  int64
}

func readStat(pid int) (stat, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	return parseStat(data)
}

var errStat = errors.New("the process's stat is not as proc_pid_stat(5) says")

// parseStat reads fields 2, 4, 14 to 17 and 24 of proc_pid_stat(5). The second is the program's name in brackets, and may hold
// anything.
func parseStat(data []byte) (stat, error) {
	opening, closing := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	if opening < 0 || closing < opening {
		return stat{}, errStat
	}
	fields := strings.Fields(string(data[closing+1:]))
	if len(fields) < 22 {
		return stat{}, fmt.Errorf("%w: it has %d fields", errStat, len(fields)+2)
	}
	var numbers [6]int64
	for i, at := range [...]int{1, 11, 12, 13, 14, 21} {
		n, err := strconv.ParseInt(fields[at], 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("%w: %w", errStat, err)
		}
		numbers[i] = n
	}
	return stat{
		program: string(data[opening+1 : closing]), parent: int(numbers[0]),
		cpu: time.Duration(numbers[1]+numbers[2]) * clockTick, ended: time.Duration(numbers[3]+numbers[4]) * clockTick,
		memory: numbers[5] * int64(os.Getpagesize()),
	}, nil
}
