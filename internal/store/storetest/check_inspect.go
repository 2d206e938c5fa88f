package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var inspectChecks = []check{
	{"inspect/everything, in order", inspectEverything},
	{"inspect/of each venue by itself", inspectVenues},
	{"inspect/claims of those that claim", inspectActive},
	{"inspect/changes beyond what is handed out at once", inspectManyChanges},
	{"inspect/one state while others write", inspectConsistent},
	{"inspect/errors are returned", inspectErrors},
}

// inspectedVenue is all that a snapshot tells of one venue.
type inspectedVenue struct {
	Loaded   store.Loaded
	Changes  []booking.Change
	Bookings []booking.Booking
	Active   []activeClaim
	Answers  []booking.Answer
}

type activeClaim struct {
	Booking booking.BookingID
	booking.Claim
}

// inspected is everything that the store shows an inspector, venue by venue in the order in which they came.
func (f *Fixture) inspected() (all []inspectedVenue) {
	f.Helper()
	f.must("inspect", f.Store.Inspect(f.Context(), func(s store.Snapshot) (err error) {
		all, err = f.readSnapshot(s)
		return err
	}))
	return all
}

func (f *Fixture) readSnapshot(s store.Snapshot) (all []inspectedVenue, err error) {
	f.Helper()
	err = s.Loaded(f.Context(), func(l store.Loaded) error {
		all = append(all, inspectedVenue{Loaded: l})
		return nil
	})
	for i := range all {
		err = errors.Join(err, f.readVenue(s, all[i].Loaded.Venue.ID, &all[i]))
	}
	err = errors.Join(err, s.SingleRows(f.Context(), func(table string, rows int) error {
		if rows != 1 {
			return fmt.Errorf("the table %s has %d rows, and must have one", table, rows)
		}
		return nil
	}))
	return all, errors.Join(err, s.Orphans(f.Context(), func(venue booking.VenueID, table string) error {
		return fmt.Errorf("the table %s has rows of venue %s, and there is no such venue", table, venue)
	}))
}

func (f *Fixture) readVenue(s store.Snapshot, venue booking.VenueID, v *inspectedVenue) error {
	ctx := f.Context()
	return errors.Join(
		s.Changes(ctx, venue, func(c booking.Change) error { v.Changes = append(v.Changes, c); return nil }),
		s.Bookings(ctx, venue, func(b booking.Booking) error { v.Bookings = append(v.Bookings, b); return nil }),
		s.Active(ctx, venue, func(id booking.BookingID, c booking.Claim) error {
			v.Active = append(v.Active, activeClaim{id, c})
			return nil
		}),
		s.Answers(ctx, venue, func(a booking.Answer) error { v.Answers = append(v.Answers, a); return nil }),
	)
}

// inspectEverything compares with what was written: bookings and answers out of their order, and old ones.
func inspectEverything(f *Fixture) {
	bookings := []booking.Booking{
		SampleBooking("salon", 4, Slot, Chair2, Chair1), // claims not in the order of ids
		SampleHold("salon", 2, Slot.Add(time.Hour), Morning, Chair1),
		SampleBooking("salon", 3, Slot.Add(-24*time.Hour), Basin), // long past
		SampleBooking("salon", 1, Slot, Basin),
	}
	answers := []booking.Answer{SampleAnswer(1, Morning), SampleAnswer(2, Morning), SampleAnswer(3, Morning), SampleAnswer(4, Morning)}
	archived := SampleResource("salon", Chair2)
	archived.Archived = true
	f.PutCatalogue("salon")
	f.Change("salon", func(d *Draft) {
		for _, b := range bookings {
			d.Book(b)
		}
		d.Answers = answers
	})
	f.Change("salon", func(d *Draft) { d.PutResource(archived) })
	f.Clock.Set(Morning.Add(2 * booking.AnswerLifetime))

	want := inspectedVenue{Loaded: f.Load("salon"), Changes: f.Find(store.Need{Venue: "salon"}).Changes, Bookings: bookings, Answers: answers}
	want.Loaded.Claims, want.Loaded.Batch = nil, ""
	f.same("number of changes written", len(want.Changes), 3)
	slices.SortFunc(bookings, func(a, b booking.Booking) int { return strings.Compare(string(a.ID), string(b.ID)) })
	slices.SortFunc(answers, func(a, b booking.Answer) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	for i := range bookings {
		bookings[i].Revision, answers[i].Revision = 2, 2
		for _, c := range bookings[i].Claims {
			want.Active = append(want.Active, activeClaim{bookings[i].ID, c})
		}
	}
	f.same("everything", f.inspected(), []inspectedVenue{want})
}

// inspectVenues puts venues whose ids languages sort in other ways than bytes, each with the same ids in it.
func inspectVenues(f *Fixture) {
	f.same("nothing", f.inspected(), nil)
	ids := []booking.VenueID{"a-b", "a0", "a_b", "ab"}
	for _, i := range []int{2, 0, 3, 1} {
		f.PutCatalogue(ids[i])
		f.Change(ids[i], func(d *Draft) {
			b := SampleBooking(ids[i], 1, Slot, Chair1)
			b.PartySize = i + 1
			d.Book(b)
			d.Answers = []booking.Answer{SampleAnswer(1, Morning.Add(time.Duration(i)*time.Second))}
		})
	}
	archived := SampleVenue("a0")
	archived.Archived = true
	f.Change("a0", func(d *Draft) { d.PutVenue(archived) })

	all := f.inspected()
	venues := make([]booking.VenueID, 0, len(all))
	for i, v := range all {
		venues = append(venues, v.Loaded.Venue.ID)
		f.same("archived", v.Loaded.Venue.Archived, v.Loaded.Venue.ID == "a0")
		f.same("sizes", []int{len(v.Changes), len(v.Bookings), len(v.Active), len(v.Answers)}, []int{int(v.Loaded.Revision), 1, 1, 1})
		f.same("its own booking", v.Bookings[0].PartySize, i+1)
		f.same("its own answer", v.Answers[0].CreatedAt, Morning.Add(time.Duration(i)*time.Second))
	}
	f.same("venues by id, archived ones included", venues, ids)
	f.must("inspect no venue", f.Store.Inspect(f.Context(), func(s store.Snapshot) error {
		var none inspectedVenue
		err := f.readVenue(s, "nowhere", &none)
		f.same("what there is of no venue", none, inspectedVenue{})
		return err
	}))
}

func inspectActive(f *Fixture) {
	f.PutCatalogue("salon")
	all := []booking.Status{booking.Held, booking.Confirmed, booking.Completed, booking.NoShow, booking.Expired, booking.Cancelled}
	var want []activeClaim
	f.Change("salon", func(d *Draft) {
		want = nil
		for n, status := range all {
			b := SampleBooking("salon", n, Slot.Add(time.Duration(n)*time.Hour), Chair2, Basin)
			if b.Status = status; status == booking.Held {
				b.ExpiresAt = Morning
			}
			d.Book(b)
			for _, c := range b.Claims {
				if status.Claims() && n != 1 {
					want = append(want, activeClaim{b.ID, c})
				}
			}
		}
	})
	f.Change("salon", func(d *Draft) {
		d.Move(SampleBooking("salon", 1, Slot.Add(time.Hour), Chair2, Basin), booking.Cancelled)
	})
	f.Clock.Set(Slot.Add(10 * 365 * 24 * time.Hour))
	v := f.inspected()[0]
	f.same("active claims, however long past", v.Active, want)
	for n, b := range v.Bookings {
		f.same("number of claims of a booking of any status", len(b.Claims), 2)
		f.same("status", b.Status == all[n], n != 1)
	}
}

func inspectManyChanges(f *Fixture) {
	const many = store.MaxChanges + 3
	f.put("salon", many)
	revisions := revisionsIn(f.inspected()[0].Changes)
	f.same("number of changes", len(revisions), many)
	for i, r := range revisions {
		f.same("revision", r, booking.Revision(i+1))
	}
}

// inspectConsistent writes as soon as the visit begins, between its calls, and within one.
func inspectConsistent(f *Fixture) {
	made := 0
	write := func() {
		made++
		f.Change("salon", func(d *Draft) {
			venue := SampleVenue("salon")
			venue.Name = "Name " + string(BookingID(made))
			d.PutVenue(venue)
			d.Book(SampleBooking("salon", made, Slot, Chair1))
			d.Answers = []booking.Answer{SampleAnswer(made, f.Clock.Now())}
		})
	}
	f.PutCatalogue("salon")
	write()
	before := f.inspected()
	visits := 0
	f.must("inspect while others write", f.Store.Inspect(f.Context(), func(s store.Snapshot) error {
		visits++
		write()
		f.PutCatalogue("barber")
		for range 2 {
			all, err := f.readSnapshot(s)
			f.must("read while others write", err)
			f.same("everything, of before the visit", all, before)
			write()
		}
		return s.Bookings(f.Context(), "salon", func(b booking.Booking) error {
			f.same("booking", b.ID, BookingID(1))
			write()
			return nil
		})
	}))
	f.same("number of visits", visits, 1)
	after := f.inspected()
	f.same("number of venues afterwards", len(after), 2)
	f.same("number of bookings afterwards", len(after[1].Bookings), made)
}

func inspectErrors(f *Fixture) {
	f.PutCatalogue("salon")
	f.PutCatalogue("barber")
	f.Change("salon", func(d *Draft) {
		for n := range 2 {
			d.Book(SampleBooking("salon", n, Slot, Chair1, Chair2))
			d.Answers = append(d.Answers, SampleAnswer(n, Morning))
		}
	})
	own := errors.New("the visitor's own")
	ctx, calls := f.Context(), 0
	fail := func() error { calls++; return own }
	methods := map[string]func(store.Snapshot) error{
		"Loaded": func(s store.Snapshot) error { return s.Loaded(ctx, func(store.Loaded) error { return fail() }) },
		"Changes": func(s store.Snapshot) error {
			return s.Changes(ctx, "salon", func(booking.Change) error { return fail() })
		},
		"Bookings": func(s store.Snapshot) error {
			return s.Bookings(ctx, "salon", func(booking.Booking) error { return fail() })
		},
		"Active": func(s store.Snapshot) error {
			return s.Active(ctx, "salon", func(booking.BookingID, booking.Claim) error { return fail() })
		},
		"Answers": func(s store.Snapshot) error {
			return s.Answers(ctx, "salon", func(booking.Answer) error { return fail() })
		},
	}
	for name, method := range methods {
		calls = 0
		err := f.Store.Inspect(ctx, func(s store.Snapshot) error {
			err := method(s)
			f.fails(name+" of a visitor that fails", err, own)
			_, again := f.readSnapshot(s)
			f.must("reading on after "+name+" failed", again)
			return err
		})
		f.fails("inspection by a visitor that fails in "+name, err, own)
		f.same("number of calls of the function that failed in "+name, calls, 1)
	}
	f.same("number of venues", len(f.inspected()), 2)
}
