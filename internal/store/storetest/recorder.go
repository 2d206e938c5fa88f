package storetest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
)

// recorder is a [testing.TB] that remembers failures instead of reporting them, so that a test can expect them.
type recorder struct {
	testing.TB // for everything but failures

	mu       sync.Mutex
	failures []string
}

// failuresOf runs a check to its end and returns what it found wrong.
func failuresOf(tb testing.TB, c check, h Harness) []string {
	tb.Helper()
	r := &recorder{TB: tb}
	done := make(chan struct{})
	go func() { // its own goroutine, which FailNow can end
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				r.Errorf("the check panicked: %v", p) // over something that it took for granted
			}
		}()
		c.run(NewFixture(r, h))
	}()
	<-done
	return r.failures
}

func (r *recorder) record(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, text)
}

func (r *recorder) Error(args ...any)                 { r.record(fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.record(fmt.Sprintf(format, args...)) }
func (r *recorder) Fail()                             { r.record("failed") }

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}
