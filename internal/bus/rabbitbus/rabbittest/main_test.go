package rabbittest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A package that checks for leaks may use the shared broker, which outlives this check.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
