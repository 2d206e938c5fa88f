package outbox

import (
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// Status is how the relay is doing, for metrics, alerts and health.
type Status struct {
	Paused bool
	// Leases is how many of the shards this relay has.
	Leases int
	// Venues are those that have something unsent as far as this relay knows, and Revisions how many changes that are together.
	// Overflowed: there are more venues than it has room for.
	Venues     int
	Revisions  uint64
	Overflowed bool
	// Lag is the age of the oldest change that is not sent, and LagRevisions the most that one venue is behind.
	Lag          time.Duration
	LagRevisions uint64
	LagVenue     booking.VenueID
	// Delayed are the venues that wait after an error of their own.
	Delayed int
	// Bus is nil while the bus confirms, and while the relay is paused; else why not, since when, and whether a person is needed.
	Bus              error
	BusFailingSince  time.Time
	BusMisconfigured bool
	// LastRejected is the newest event that the bus rejected; nil if there is none since the start.
	LastRejected *Rejection
}

// Rejection is an event that the bus will never accept. A venue.gap went in its place.
type Rejection struct {
	Venue    booking.VenueID
	Revision booking.Revision
	Name     bus.Name
	Reason   string
	At       time.Time
}

// statusKeeper keeps what Status tells of the past.
type statusKeeper struct {
	mu           sync.Mutex
	lastRejected *Rejection
}

func (s *statusKeeper) rejected(r Rejection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastRejected = &r
}

// Status tells how the relay is doing. It may be called at any time; it looks at all venues that have something unsent.
func (r *Relay) Status() Status {
	s := r.unsent.status(r.config.Now())
	if s.Paused = r.paused.is(); s.Paused {
		s.Bus, s.BusFailingSince, s.BusMisconfigured = nil, time.Time{}, false
	}
	s.Leases = r.leases.count()
	r.status.mu.Lock()
	defer r.status.mu.Unlock()
	s.LastRejected = r.status.lastRejected
	return s
}

func (u *unsent) status(now time.Time) Status {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := Status{
		Overflowed: u.overflowed, Bus: u.breaker.err, BusFailingSince: u.breaker.since, BusMisconfigured: u.breaker.misconfigured,
	}
	for _, v := range u.venues {
		if v.state == delayed {
			s.Delayed++
		}
		if v.state == idle || v.unsentSince.IsZero() {
			continue
		}
		s.Venues++
		s.Lag = max(s.Lag, now.Sub(v.unsentSince))
		if v.known > v.sent && v.sent > 0 {
			behind := uint64(v.known - v.sent)
			s.Revisions += behind
			if behind > s.LagRevisions {
				s.LagRevisions, s.LagVenue = behind, v.id
			}
		}
	}
	return s
}

// logTurn logs what failed in a turn. Of a bus that is down the end and the beginning are told, and not each try; of what lasts, it is told
// from time to time.
func (r *Relay) logTurn(id booking.VenueID, t *turn, change busChange) {
	switch {
	case change == busDown && t.failure == FailedMisconfigured:
		r.config.Log.Error("the bus refuses events until it is set up otherwise; they wait, and one venue tries from time to time",
			"bus", r.config.Name, "error", t.err)
		return
	case change == busDown:
		r.config.Log.Warn("the bus does not confirm events; they wait, and one venue tries from time to time",
			"bus", r.config.Name, "error", t.err)
		return
	case change == busUp:
		r.config.Log.Info("the bus confirms events again", "bus", r.config.Name)
	case change == busStillDown && t.busFailed():
		return
	}
	if !t.toLog {
		return
	}
	r.config.Log.Error("events of a venue cannot be sent; trying again, and going on with other venues", "bus", r.config.Name,
		"venue", id, "after_revision", t.sent, "failed", string(t.failure), "error", t.err)
}
