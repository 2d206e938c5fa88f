package alert_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

// waitUntil asks until it is so, for ten seconds.
func waitUntil(t *testing.T, so func() bool, otherwise string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal(otherwise)
		}
	}
}

// waitForContent is what a file holds once it holds a line.
func waitForContent(t *testing.T, file string) string {
	t.Helper()
	var content []byte
	waitUntil(t, func() bool {
		content, _ = os.ReadFile(file)
		return strings.HasSuffix(string(content), "\n")
	}, "nothing is written into "+file)
	return strings.TrimSpace(string(content))
}

// running tells whether a process is there and is no zombie.
func running(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}
