package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// compareAll compares everything that is stored with what it must be.
func (w *world) compareAll() {
	w.everywhere(w.compareVenue)
	w.doExpire(command{})
	w.compareHistory()
	w.everywhere(func() {
		if w.expired > 0 {
			w.tally.count("holds expired")
		}
	})
}

// compareVenue compares everything that is stored of a venue.
func (w *world) compareVenue() {
	stored, err := w.store.Bookings(w.ctx, w.id, store.Filter{Limit: 10_000})
	w.must("list the bookings", err)
	want := slices.SortedFunc(slices.Values(w.bookings), byStart)
	if len(stored) != len(want) {
		w.failf("%d bookings are stored, want %d", len(stored), len(want))
	}
	var claims []booking.Claim
	for i, b := range stored {
		w.same(b, want[i])
		if b.Status.Claims() {
			claims = append(claims, b.Claims...)
		}
	}
	w.compareLoaded(claims)
	changes, err := w.store.Changes(w.ctx, w.id, 0, 10_000)
	w.must("read the changes", err)
	for i, c := range changes {
		if c.Revision != w.trimmed+booking.Revision(i+1) {
			w.failf("change %d behind %d has revision %d", i+1, w.trimmed, c.Revision)
		}
	}
	if want := int(w.revision - w.trimmed); len(changes) != want {
		w.failf("there are %d changes, want %d", len(changes), want)
	}
}

// compareLoaded compares what a new node would begin with.
func (w *world) compareLoaded(claims []booking.Claim) {
	loaded, err := w.store.Load(w.ctx, w.id, time.Time{})
	w.must("load the venue", err)
	text := func(c booking.Claim) string {
		return fmt.Sprintf("%s %d %d %d", c.Resource, c.Start.Unix(), c.End.Unix(), c.Units)
	}
	texts := func(claims []booking.Claim) (all []string) {
		for _, c := range claims {
			all = append(all, text(c))
		}
		slices.Sort(all)
		return all
	}
	if got, want := texts(loaded.Claims), texts(claims); !slices.Equal(got, want) {
		w.failf("the claims loaded are %v, want %v", got, want)
	}
	for _, r := range loaded.Resources {
		if want := w.resources[r.ID]; r.Capacity != want.Capacity || r.Archived != want.Archived || r.Revision != want.Revision {
			w.failf("resource %+v, want %+v", r, want.Resource)
		}
	}
	for _, s := range loaded.Services {
		if want := w.services[s.ID]; s.Duration != want.Duration || s.Archived != want.Archived || s.Revision != want.Revision {
			w.failf("service %+v, want %+v", s, want)
		}
	}
}

// same compares a booking with what it must be.
func (w *world) same(got, want booking.Booking) {
	times := [][2]time.Time{
		{got.Start, want.Start},
		{got.End, want.End},
		{got.ExpiresAt, want.ExpiresAt},
		{got.CreatedAt, want.CreatedAt},
		{got.UpdatedAt, want.UpdatedAt},
	}
	equal := len(got.Claims) == len(want.Claims)
	for i := range got.Claims {
		if equal {
			g, w := got.Claims[i], want.Claims[i]
			times = append(times, [2]time.Time{g.Start, w.Start}, [2]time.Time{g.End, w.End})
			equal = g.Resource == w.Resource && g.Units == w.Units
		}
	}
	for _, t := range times {
		equal = equal && t[0].Equal(t[1])
	}
	if !equal || got.ID != want.ID || got.Venue != want.Venue || got.Service != want.Service || got.Status != want.Status ||
		got.WallStart != want.WallStart || got.PartySize != want.PartySize || got.Extensions != want.Extensions ||
		got.Customer != want.Customer || got.TokenHash != want.TokenHash || got.Revision != want.Revision {
		w.failf("the booking is\n      %s\nwant  %s", w.describe(got), w.describe(want))
	}
}

// describe is a booking in words that are the same each time: without its random id and token.
func (w *world) describe(b booking.Booking) string {
	claims := ""
	for _, c := range b.Claims {
		claims += fmt.Sprintf(" %d of %s from %s to %s", c.Units, c.Resource, w.wall(c.Start), w.wall(c.End))
	}
	return fmt.Sprintf("#%d of %q, %s %s from %s (%s) to %s for %d by %v, until %v, extended %d, made %v, changed %v at %d, claims%s",
		w.find(b.ID), b.Venue, b.Status, b.Service, w.wall(b.Start), b.WallStart, w.wall(b.End), b.PartySize, b.Customer, b.ExpiresAt,
		b.Extensions, b.CreatedAt, b.UpdatedAt, b.Revision, claims)
}

// answered compares an error with the one that there must be.
func (w *world) answered(got, want error) {
	if !sameError(got, want) {
		w.failf("the answer is: %s\n  =>  want: %s", w.said(got), w.said(want))
	}
}

// said is an error in words that are the same each time.
func (w *world) said(err error) string {
	if err == nil {
		return "done"
	}
	if refusal, ok := errors.AsType[*booking.InUse](err); ok {
		return fmt.Sprintf("%d bookings and the services %v are in the way, and more: %v", len(refusal.Bookings), refusal.Services, refusal.More)
	}
	return err.Error()
}
