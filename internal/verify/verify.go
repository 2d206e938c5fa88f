package verify

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/store"
)

// Options of a check.
type Options struct {
	// Now is the time by which holds are overdue; zero is this machine's.
	Now time.Time
}

// Verify checks everything that the inspector shows. The error says that it could not be read to the end; what is wrong with what was
// read stands in the report.
func Verify(ctx context.Context, s store.Inspector, o Options) (Report, error) {
	began := time.Now()
	if o.Now.IsZero() {
		o.Now = began
	}
	report := newReport()
	err := s.Inspect(ctx, func(snapshot store.Snapshot) error {
		var venues []store.Loaded
		err := snapshot.Loaded(ctx, func(l store.Loaded) error {
			venues = append(venues, l)
			return nil
		})
		if err != nil {
			return fmt.Errorf("read the venues: %w", err)
		}
		for _, stored := range venues {
			if err := newVenue(report, o.Now, stored).check(ctx, snapshot); err != nil {
				return fmt.Errorf("check venue %s: %w", name(stored.Venue.ID), err)
			}
		}
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	report.Seconds = time.Since(began).Seconds()
	return *report, nil
}
