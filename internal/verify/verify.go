package verify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// Options of a check.
type Options struct {
	// Now is the time by which holds are overdue; zero is this machine's.
	Now time.Time
}

// Verify checks everything that the inspector shows. The error says that it could not be read to the end; what is wrong with what was
// read stands in the report, and so does what was read and cannot be understood.
func Verify(ctx context.Context, s store.Inspector, o Options) (Report, error) {
	began := time.Now()
	if o.Now.IsZero() {
		o.Now = began
	}
	report := newReport()
	err := s.Inspect(ctx, func(snapshot store.Snapshot) error {
		return fill(ctx, report, snapshot, o.Now)
	})
	if err != nil {
		return Report{}, err
	}
	report.Seconds = time.Since(began).Seconds()
	return *report, nil
}

// fill adds to the report what it finds: it checks the orphans and the tables of one row, then one venue after the other. Of a venue with
// a change or a booking that cannot be understood, the rest is left out. Settings and catalogues are read before, of all venues; if one of
// these cannot be understood, no venue is checked.
func fill(ctx context.Context, r *Report, s store.Snapshot, now time.Time) error {
	err := s.Orphans(ctx, func(venue booking.VenueID, table string) error {
		problem(r, "venue %s: the table %s has rows of it, but there is no such venue", name(venue), table)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the tables' venues: %w", err)
	}
	err = s.SingleRows(ctx, func(table string, rows int) error {
		if rows != 1 {
			problem(r, "the table %s has %s, and must have one: it says which history this is", table, count(rows, "row"))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the tables of one row: %w", err)
	}
	var venues []store.Loaded
	err = s.Loaded(ctx, func(l store.Loaded) error {
		venues = append(venues, l)
		return nil
	})
	if errors.Is(err, store.ErrDamaged) {
		problem(r, "%s: the rest was not checked", plain(err.Error()))
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the venues: %w", err)
	}
	for _, stored := range venues {
		v := newVenue(r, now, stored)
		err := v.check(ctx, s)
		if errors.Is(err, store.ErrDamaged) {
			v.problem("%s: what is behind it was not checked", plain(err.Error()))
		} else if err != nil {
			return fmt.Errorf("check venue %s: %w", name(stored.Venue.ID), err)
		}
	}
	return nil
}
