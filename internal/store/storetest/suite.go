package storetest

import (
	"testing"
	"time"

	"vacancy/internal/store"
)

// Harness is how the suite gets at stores of one kind. Both functions fail t if they cannot do their work, and leave it to
// t.Cleanup to close what they opened.
type Harness struct {
	// Open opens a store on an empty database that nobody else uses, with the given clock.
	Open func(t testing.TB, clock func() time.Time) store.Store
	// Reopen closes a store that Open or Reopen made, and opens another on the same data.
	Reopen func(t testing.TB, s store.Store, clock func() time.Time) store.Store
}

// Check is one test of the suite. It takes a [testing.TB], so that it can be run on a store that must fail it.
type Check struct {
	Name string
	Run  func(t testing.TB, h Harness)
}

// Run runs every check of the suite, each as a parallel subtest on its own database.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, check := range Checks() {
		t.Run(check.Name, func(t *testing.T) {
			t.Parallel()
			check.Run(t, h)
		})
	}
}

// Checks are all checks of the suite.
func Checks() []Check {
	var all []Check
	for _, group := range [][]Check{
		revisionChecks, transactionChecks, concurrencyChecks, catalogueChecks, bookingChecks, changeChecks, dueChecks, answerChecks,
		useChecks, touchedChecks, loadChecks, listingChecks, valueChecks, keyChecks, lifeChecks,
	} {
		all = append(all, group...)
	}
	return all
}
