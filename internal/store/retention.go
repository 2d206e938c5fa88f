package store

import (
	"maps"
	"slices"
	"time"

	"vacancy/internal/booking"
)

// Retention says how long things are kept that nobody needs any more. Zero keeps them for ever.
type Retention struct {
	// Holds is for bookings that have ended without ever being confirmed, from their end.
	Holds time.Duration
	// Changes is for changes, from their commit. The last [RetainedChanges] of each venue stay in any case, and so does what is behind no
	// cursor of a bus that is enabled: one that was registered, and seen in use within [BusEnabledFor]; see [Relay].
	Changes time.Duration
	// Unsent is how long changes stay for a bus that was not sent them, from their commit. They go then, and whoever is sent the next is
	// told of the gap. It has no effect where it is less than Changes.
	Unsent time.Duration
	// Audit is for what is remembered of the changes that were deleted.
	Audit time.Duration
}

// LeastHoldRetention is the least time that ended holds of a venue stay.
func LeastHoldRetention(venue booking.VenueID) time.Duration {
	if venue.Hidden() {
		return HiddenRetention.Holds
	}
	return MinHoldRetention
}

// HoldsBefore is the time before which holds must have ended to be deleted, but for those of hidden venues.
func (r Retention) HoldsBefore(now time.Time) time.Time {
	return now.Add(-max(r.Holds, MinHoldRetention))
}

// UnsentBefore is the time before which a change must be committed to be deleted though a bus was not sent it.
func (r Retention) UnsentBefore(now time.Time) time.Time {
	if r.Unsent <= 0 {
		return time.Time{}
	}
	return now.Add(-r.Unsent)
}

// Deletable is how many of a venue's oldest changes, which are given in order, may be deleted. Changes up to sent are sent to all buses.
func (r Retention) Deletable(changes []booking.Change, revision, sent booking.Revision, now time.Time) int {
	if r.Changes <= 0 {
		return 0
	}
	before, unsentBefore := now.Add(-r.Changes), r.UnsentBefore(now)
	for n, c := range changes {
		old := c.Revision+RetainedChanges <= revision && c.CommittedAt.Before(before)
		if !old || c.Revision > sent && !c.CommittedAt.Before(unsentBefore) {
			return n
		}
	}
	return len(changes)
}

// Checkpoint is what is true of a venue at the last change that was deleted: a check of the history begins there.
type Checkpoint struct {
	// Revision is that of the last change that was deleted; zero if none was.
	Revision booking.Revision
	// Entries put the venue's settings, its resources and services as they were then, in the order of kind and id. They omit nothing.
	Entries []booking.Entry
	// Most is the highest capacity that each resource ever had.
	Most map[booking.ResourceID]int
	// Touched is the last change that altered each resource; see [Loaded.Touched].
	Touched map[booking.ResourceID]booking.Revision
}

// Advance is the checkpoint behind the changes, which follow on it.
func (c Checkpoint) Advance(changes []booking.Change) Checkpoint {
	next := Checkpoint{Revision: c.Revision, Most: maps.Clone(c.Most), Touched: maps.Clone(c.Touched)}
	if next.Most == nil {
		next.Most = make(map[booking.ResourceID]int)
	}
	if next.Touched == nil {
		next.Touched = make(map[booking.ResourceID]booking.Revision)
	}
	latest := make(map[string]booking.Entry)
	add := func(e booking.Entry) {
		switch {
		case e.Venue != nil:
			latest["1"] = e
		case e.Resource != nil:
			latest["2"+string(e.Resource.ID)] = e
			next.Most[e.Resource.ID] = max(next.Most[e.Resource.ID], e.Resource.Capacity)
		case e.Service != nil:
			latest["3"+string(e.Service.ID)] = e
		}
	}
	for _, e := range c.Entries {
		add(e)
	}
	for _, change := range changes {
		next.Revision = change.Revision
		for _, e := range change.Entries {
			add(e)
		}
		for _, id := range change.Resources() {
			next.Touched[id] = change.Revision
		}
	}
	for _, key := range slices.Sorted(maps.Keys(latest)) {
		next.Entries = append(next.Entries, latest[key])
	}
	return next
}

// Audited is what is remembered of a change: who did what, when, to which bookings and settings. What each step took is left out.
func Audited(c booking.Change) booking.Change {
	c.Batch, c.Entries = "", slices.Clone(c.Entries)
	for i := range c.Entries {
		if e := &c.Entries[i]; e.Booking != nil {
			step := *e.Booking
			step.Claimed, step.Released, step.Unchanged = nil, nil, nil
			e.Booking = &step
		}
	}
	return c
}
