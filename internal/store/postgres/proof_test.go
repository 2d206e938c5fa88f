package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/internal/store/storetest"
)

// repeat is a transaction that finds the booking and writes nothing, as that of a repeated request does.
func repeat(ctx context.Context, s *Store, prove bool) (found bool, err error) {
	need := store.Need{Venue: "a", Bookings: []booking.BookingID{storetest.BookingID(2)}}
	err = s.Update(ctx, []store.Need{need}, func(all []store.Found) ([]store.Write, error) {
		_, found = all[0].Bookings[storetest.BookingID(2)]
		return []store.Write{{Prove: prove}}, nil
	})
	return found, err
}

// unproven has a booking that everybody sees and no standby has. It is not told to be done, by a repeat or by a look at it, until a
// standby has it or the operator wants none. Beside it stands the control: who does not ask for proof is shown it.
func unproven(t *testing.T, s *Store, let func()) {
	t.Helper()
	for _, prove := range []bool{true, false} {
		found, err := repeat(t.Context(), s, prove)
		if !found {
			t.Errorf("proven %v: the booking is not seen, so there is nothing to prove", prove)
		}
		if prove != errors.Is(err, booking.ErrOutcomeUnknown) || !prove && err != nil {
			t.Errorf("a repeat, proven %v: got error %v", prove, err)
		}
	}
	if _, err := s.Booking(t.Context(), "a", storetest.BookingID(2)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the booking was read: got error %v, want that it is unavailable", err)
	}
	let()
	if found, err := repeat(t.Context(), s, true); !found || err != nil {
		t.Errorf("a repeat in the end: found %v, error %v", found, err)
	}
	if _, err := s.Booking(t.Context(), "a", storetest.BookingID(2)); err != nil {
		t.Errorf("the booking in the end: %v", err)
	}
}

// TestRepeatAfterACrash has a primary crash while a commit waits for a standby. The commit is on its own disk, so after recovery
// everybody sees it; but no standby has heard of it.
func TestRepeatAfterACrash(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s, other := lonelyOn(t, server, Config{commitTimeout: 300 * time.Millisecond})
	if _, err := bookInBatch(t.Context(), s, &proxy{}, "crashed", nil); !errors.Is(err, store.ErrInDoubt) {
		t.Fatalf("got error %v, want doubt", err)
	}
	await(t, other, `SELECT count(*) = 1 `+waitingCommit)
	server.Crash(t)
	server.Start(t)
	again := openAt(t, Config{URL: server.URL(), commitTimeout: 300 * time.Millisecond})
	unproven(t, again, func() { alone(t, again) })
}

// TestRepeatAfterATerminatedBackend has an operator end a backend that waits for a standby. The repeat comes to another node.
func TestRepeatAfterATerminatedBackend(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"pg_cancel_backend", "pg_terminate_backend"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			server := postgrestest.Start(t)
			s, other := lonelyOn(t, server, Config{})
			node := openAt(t, Config{URL: server.URL(), commitTimeout: 300 * time.Millisecond})
			result := make(chan error, 1)
			go func() {
				_, err := bookInBatch(t.Context(), s, &proxy{}, "ended", nil)
				result <- err
			}()
			await(t, other, `SELECT count(*) = 1 `+waitingCommit)
			execute(t, other, `SELECT `+end+`(pid) `+waitingCommit)
			if err := <-result; !errors.Is(err, store.ErrInDoubt) {
				t.Errorf("got error %v, want doubt", err)
			}
			unproven(t, node, func() { alone(t, other) })
		})
	}
}

// TestProofIsNotCutOff has an operator end the wait of the proof itself, which then proves nothing; another is tried.
func TestProofIsNotCutOff(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s, other := lonelyOn(t, server, Config{})
	result := make(chan error, 1)
	go func() {
		_, err := repeat(t.Context(), s, true)
		result <- err
	}()
	await(t, other, `SELECT count(*) = 1 `+waitingCommit)
	execute(t, other, `SELECT pg_cancel_backend(pid) `+waitingCommit)
	await(t, other, `SELECT count(*) = 1 `+waitingCommit) // the next try
	alone(t, other)
	if err := <-result; err != nil {
		t.Errorf("got error %v", err)
	}
}

// TestStandbyAnswers: with a synchronous standby that confirms, what was committed is told: by the commit, by a repeat on another node and
// by a look at the booking there. The control is the same standby away: nothing is told then, and all of it is when the standby is back.
func TestStandbyAnswers(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s := openAt(t, Config{URL: server.URL(), commitTimeout: 10 * time.Second})
	must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	must(t, change(t, s, "a", bookMany(1, 1)))
	standby := server.Standby(t, "witness")
	standby.WaitedFor(t)
	if _, err := bookInBatch(t.Context(), s, &proxy{}, "told", nil); err != nil {
		t.Fatalf("the booking: %v", err)
	}

	told := func(node *Store) {
		t.Helper()
		if found, err := repeat(t.Context(), node, true); !found || err != nil {
			t.Errorf("a repeat: found %v, error %v", found, err)
		}
		if _, err := node.Booking(t.Context(), "a", storetest.BookingID(2)); err != nil {
			t.Errorf("a look at the booking: %v", err)
		}
	}
	told(s)
	told(openAt(t, Config{URL: server.URL(), commitTimeout: 10 * time.Second, heartbeat: -1}))
	away := openAt(t, Config{URL: server.URL(), commitTimeout: 300 * time.Millisecond, heartbeat: -1})
	standby.Stop(t)
	unproven(t, away, func() { standby.Start(t) })
	told(openAt(t, Config{URL: server.URL(), commitTimeout: 10 * time.Second, heartbeat: -1}))
}

// TestProvenOnce: a change that this node committed while the server waits for standbys is proven by its own commit, and one that it has
// read needs one proof.
func TestProvenOnce(t *testing.T) {
	t.Parallel()
	var p proven
	writes := []store.Write{{Change: booking.Change{Venue: "a", Revision: 3}}, {}}
	p.add("e", false, writes)
	if p.covers("e", "a", 3) {
		t.Error("a commit that waited for no standby proves something")
	}
	p.add("e", true, writes)
	for _, c := range []struct {
		epoch    booking.Epoch
		venue    booking.VenueID
		revision booking.Revision
		want     bool
	}{{"e", "a", 3, true}, {"e", "a", 2, true}, {"e", "a", 4, false}, {"e", "b", 1, false}, {"f", "a", 1, false}} {
		if got := p.covers(c.epoch, c.venue, c.revision); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
	p.set("f", "b", 1)
	if p.covers("e", "a", 1) || p.covers("f", "a", 1) || !p.covers("f", "b", 1) {
		t.Error("what was proven of one database is taken for another's")
	}
}

// TestCommitsThatDoNotWait refuses settings by which a commit would not wait for the standbys that there are: when a store is opened, and
// on connections that were made before.
func TestCommitsThatDoNotWait(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	other := openAt(t, Config{URL: server.URL()})
	must(t, change(t, other, "a", func(d *storetest.Draft) { d.PutCatalogue() }))
	for _, setting := range []string{"local", "remote_write"} {
		address := with(t, server.URL(), map[string]string{"synchronous_commit": setting})
		s := openAt(t, Config{URL: address, Connections: 2})
		must(t, change(t, s, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) }))
		execute(t, other, `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`, `SELECT pg_reload_conf()`)
		await(t, other, `SELECT current_setting('synchronous_standby_names') = 'nobody'`)
		err := change(t, s, "a", func(d *storetest.Draft) { d.PutVenue(storetest.SampleVenue("a")) })
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: an earlier connection: got error %v, want that it is unavailable", setting, err)
		}
		_, err = Open(t.Context(), Config{URL: address})
		wantError(t, err, "synchronous_standby_names", "synchronous_commit = "+setting)
		alone(t, other)
		openAt(t, Config{URL: address})
	}
}

// TestSettingChangedMeanwhile has an operator turn synchronous_commit down while the server runs. A session keeps the one that it was
// judged by; the control is a connection of somebody else's.
func TestSettingChangedMeanwhile(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	s := openAt(t, Config{URL: server.URL(), Connections: 2})
	setting := func() (setting string) {
		must(t, s.useReserved(t.Context(), func(c *session) error {
			return c.conn.QueryRow(t.Context(), `SELECT current_setting('synchronous_commit')`).Scan(&setting)
		}))
		return setting
	}
	setting()
	bystander := openAt(t, Config{URL: server.URL()})
	execute(t, bystander, `ALTER SYSTEM SET synchronous_commit = local`, `SELECT pg_reload_conf()`)
	await(t, bystander, `SELECT setting = 'local' FROM pg_file_settings WHERE name = 'synchronous_commit' AND applied`)
	if got := setting(); got != "on" {
		t.Errorf("the session's commits are %q now", got)
	}
}

// TestProofOutOfTime: a proof that takes longer than its transaction may leaves the outcome unknown. Were its error that of the context,
// the caller would be told that nothing was done.
func TestProofOutOfTime(t *testing.T) {
	t.Parallel()
	s := &Store{node: &node{signal: make(chan struct{}, 1), ctx: context.Background()}} // it sends no heartbeats
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	err := s.prove(ctx, "")
	if !errors.Is(err, booking.ErrOutcomeUnknown) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v", err)
	}
}
