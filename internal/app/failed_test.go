package app

import (
	"errors"
	"log/slog"
	"testing"
)

// A fault that ends the process is told once, and whoever reports another does not wait.
func TestFailedIsToldOnce(t *testing.T) {
	t.Parallel()
	a := &App{log: slog.New(slog.DiscardHandler), failed: make(chan error, 1)}
	first := errors.New("stuck")
	a.fail(first)
	a.fail(errors.New("stuck again"))
	if err := <-a.Failed(); !errors.Is(err, first) {
		t.Errorf("told %v", err)
	}
	select {
	case err := <-a.Failed():
		t.Errorf("told again: %v", err)
	default:
	}
}
