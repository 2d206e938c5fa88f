package storetest

import (
	"slices"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Harness is how the suite gets at stores of one kind. Both functions fail t if they cannot do their work, and leave it to
// its Cleanup to close what they opened.
type Harness struct {
	// Open opens a store on an empty database that nobody else uses, with the given clock.
	Open func(tb testing.TB, clock func() time.Time) store.Store
	// Reopen closes a store that Open or Reopen made, and opens another on the same data, for a program of that level.
	Reopen func(tb testing.TB, s store.Store, clock func() time.Time, level booking.Level) store.Store
}

// check is one test of the suite. It is run on an empty store of its own, which may be one that must fail it.
type check struct {
	name string
	run  func(f *Fixture)
}

// Run runs every check of the suite, each as a parallel subtest.
func Run(t *testing.T, h Harness) {
	t.Helper()
	run(t, h, checks)
}

// RunVenues runs the checks in which the rows of venues are taken: all that may differ where a store has several ways to take them.
func RunVenues(t *testing.T, h Harness) {
	t.Helper()
	run(t, h, venueChecks)
}

func run(t *testing.T, h Harness, checks []check) {
	t.Helper()
	for _, check := range checks {
		t.Run(check.name, func(t *testing.T) {
			t.Parallel()
			check.run(NewFixture(t, h))
		})
	}
}

var (
	checks = slices.Concat(venueChecks, otherChecks)

	venueChecks = slices.Concat(
		revisionChecks, transactionChecks, concurrencyChecks, isolationChecks, catalogueChecks, bookingChecks, changeChecks, dueChecks,
		answerChecks, levelChecks, retentionChecks, useChecks, countChecks, touchedChecks, loadChecks, listingChecks, valueChecks,
		keyChecks, inspectChecks, lifeChecks,
	)

	// otherChecks are of what no venue's row is taken for.
	otherChecks = slices.Concat(webhookChecks, relayCursorChecks, relayLeaseChecks, relayChangeChecks, unsentChecks)
)
