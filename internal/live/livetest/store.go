package livetest

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/ledger"
	"vacancy/internal/store"
)

// Store is a [store.Reader] in memory, with the commands that tests need.
type Store struct {
	store.Reader // whatever is not overridden must not be called

	now func() time.Time

	mu    sync.Mutex
	epoch booking.Epoch
	down  bool
	// batches counts the changes that were ever made; by that they are named.
	batches int
	venues  map[booking.VenueID]*record
}

// record is all that the store has of one venue.
type record struct {
	venue     booking.Venue
	resources map[booking.ResourceID]booking.Resource
	services  map[booking.ServiceID]booking.Service
	touched   map[booking.ResourceID]booking.Revision
	bookings  map[booking.BookingID]booking.BookingTransition
	ledgers   ledgers
	changes   []booking.Change
}

type ledgers map[booking.ResourceID]ledger.Ledger

func (l ledgers) Taken(id booking.ResourceID, start, end time.Time) int {
	return l[id].Taken(start, end)
}

// NewStore makes an empty store with that clock.
func NewStore(now func() time.Time) *Store {
	return &Store{now: now, epoch: "e1", venues: make(map[booking.VenueID]*record)}
}

// CommitSettings commits a change that creates or edits settings: each entry has a Venue, a Resource or a Service.
func (s *Store) CommitSettings(id booking.VenueID, entries []booking.Entry) booking.Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.venues[id]
	if r == nil {
		r = &record{
			resources: make(map[booking.ResourceID]booking.Resource), services: make(map[booking.ServiceID]booking.Service),
			touched: make(map[booking.ResourceID]booking.Revision), bookings: make(map[booking.BookingID]booking.BookingTransition),
			ledgers: make(ledgers),
		}
		s.venues[id] = r
	}
	revision := r.revision() + 1
	for i, e := range entries {
		switch {
		case e.Venue != nil:
			v := *e.Venue
			v.Revision = revision
			r.venue, entries[i].Venue = v, &v
		case e.Resource != nil:
			re := *e.Resource
			re.Revision = revision
			r.resources[re.ID], r.touched[re.ID], entries[i].Resource = re, revision, &re
		case e.Service != nil:
			sv := *e.Service
			sv.Revision = revision
			r.services[sv.ID], entries[i].Service = sv, &sv
		}
	}
	return s.commit(r, id, entries)
}

// Book commits a booking that availability accepts now. The errors are those of [availability.Fit].
func (s *Store) Book(
	venue booking.VenueID, service booking.ServiceID, resource booking.ResourceID, start time.Time, party int,
) (booking.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.venues[venue]
	zone, err := booking.LoadZone(r.venue.TimeZone)
	if err != nil {
		return booking.Change{}, err
	}
	claims, err := availability.Fit(availability.Query{
		Zone: zone, Service: r.services[service], Resources: r.resources, Ledgers: r.ledgers, Now: s.now(), Resource: resource,
	}, start, party)
	if err != nil {
		return booking.Change{}, err
	}
	step := booking.BookingTransition{
		ID: booking.NewBookingID(s.now()), Service: service, Status: booking.Confirmed, Start: start, PartySize: party, Claimed: claims,
	}
	r.bookings[step.ID] = step
	if err := r.claim(claims); err != nil {
		return booking.Change{}, err
	}
	return s.commit(r, venue, []booking.Entry{{Kind: booking.BookingConfirmed, Booking: &step}}), nil
}

// Cancel commits the cancellation of a booking.
func (s *Store) Cancel(venue booking.VenueID, id booking.BookingID) (booking.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.venues[venue]
	step, ok := r.bookings[id]
	if !ok {
		return booking.Change{}, booking.ErrNotFound
	}
	delete(r.bookings, id)
	step.Status, step.Claimed, step.Released = booking.Cancelled, nil, step.Claimed
	for _, claim := range step.Released {
		edit := r.ledgers[claim.Resource].Edit()
		if err := edit.Remove(claim); err != nil {
			return booking.Change{}, err
		}
		r.ledgers[claim.Resource] = edit.Ledger()
	}
	return s.commit(r, venue, []booking.Entry{{Kind: booking.BookingCancelled, Booking: &step}}), nil
}

// Booked are the bookings of a venue that are not cancelled, by id.
func (s *Store) Booked(venue booking.VenueID) []booking.BookingID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.venues[venue].bookings))
}

// SetDown makes every read fail with [store.ErrUnavailable], or none.
func (s *Store) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// SetEpoch has the store go on in another epoch, as a standby does that is promoted with all that there was.
func (s *Store) SetEpoch(epoch booking.Epoch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch = epoch
}

// Restore begins another epoch, or goes on in the one that is given, as a database does that was restored from a backup: half of the
// venue's changes and all of its bookings are gone.
func (s *Store) Restore(epoch booking.Epoch, venue booking.VenueID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch = epoch
	r := s.venues[venue]
	clear(r.bookings)
	clear(r.ledgers)
	r.changes = r.changes[:len(r.changes)/2+1]
	for id, resource := range r.resources {
		resource.Revision = min(resource.Revision, r.revision())
		r.resources[id], r.touched[id] = resource, min(r.touched[id], r.revision())
	}
	for id, service := range r.services {
		service.Revision = min(service.Revision, r.revision())
		r.services[id] = service
	}
}

func (r *record) revision() booking.Revision { return booking.Revision(len(r.changes)) }

func (r *record) claim(claims []booking.Claim) error {
	for _, claim := range claims {
		edit := r.ledgers[claim.Resource].Edit()
		if err := edit.Add(claim); err != nil {
			return err
		}
		r.ledgers[claim.Resource] = edit.Ledger()
	}
	return nil
}

// batch is that of the venue's last change.
func (r *record) batch() string { return r.changes[len(r.changes)-1].Batch }

func (s *Store) commit(r *record, venue booking.VenueID, entries []booking.Entry) booking.Change {
	s.batches++
	c := booking.Change{
		Venue: venue, Revision: r.revision() + 1, Batch: strconv.Itoa(s.batches),
		CommittedAt: s.now().Truncate(time.Microsecond), Entries: entries,
	}
	r.changes = append(r.changes, c)
	for _, id := range c.Resources() {
		r.touched[id] = c.Revision
	}
	return c
}

// Load implements [store.Reader].
func (s *Store) Load(_ context.Context, id booking.VenueID, _ time.Time) (store.Loaded, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return store.Loaded{}, err
	}
	l := store.Loaded{
		Epoch: s.epoch, Revision: r.revision(), Batch: r.batch(), Venue: r.venue, Services: slices.Collect(maps.Values(r.services)),
	}
	l.Resources, l.Touched = slices.Collect(maps.Values(r.resources)), maps.Clone(r.touched)
	for _, step := range r.bookings {
		l.Claims = append(l.Claims, step.Claimed...)
	}
	return l, nil
}

// Revisions implements [store.Reader].
func (s *Store) Revisions(_ context.Context, ids []booking.VenueID) (store.Revisions, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return store.Revisions{}, store.ErrUnavailable
	}
	current := store.Revisions{Epoch: s.epoch, Now: s.now().UTC().Truncate(time.Microsecond), Of: make(map[booking.VenueID]store.Last)}
	for _, id := range ids {
		if r := s.venues[id]; r != nil {
			current.Of[id] = store.Last{Revision: r.revision(), Batch: r.batch()}
		}
	}
	return current, nil
}

// Changes implements [store.Reader].
func (s *Store) Changes(_ context.Context, id booking.VenueID, after booking.Revision, limit int) ([]booking.Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.find(id)
	if err != nil {
		return nil, err
	}
	rest := r.changes[min(int(after), len(r.changes)):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

func (s *Store) find(id booking.VenueID) (*record, error) {
	if s.down {
		return nil, store.ErrUnavailable
	}
	r, ok := s.venues[id]
	if !ok {
		return nil, booking.ErrNotFound
	}
	return r, nil
}
