package verify_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/verify"
)

func TestCleanDatabase(t *testing.T) {
	t.Parallel()
	s := history(t)
	report := s.verify(s.store)
	clean(t, report)
	p := take(t, s.store)
	clean(t, s.verify(p)) // the copy that other tests falsify
	want := verify.Report{Venues: 2, Seconds: report.Seconds, Problems: report.Problems, Warnings: report.Warnings}
	for _, r := range p.venues {
		want.Changes += len(r.changes)
		want.Bookings += len(r.bookings)
		want.Claims += len(r.active)
		want.Answers += len(r.answers)
	}
	if got, want := report.String(), want.String(); got != want || want == "" {
		t.Errorf("the report says\n%s, want\n%s", got, want)
	}
	if report.Changes < 30 || report.Bookings < 9 || report.Claims < 6 || report.Answers < 5 {
		t.Errorf("the history is too short to prove anything:\n%s", report)
	}
}

func TestEmptyDatabase(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	clean(t, s.verify(s.store))
}

// Whatever is written meanwhile, the check sees one state, which is clean.
func TestWhileTheServerWrites(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.furnish("barber")
	const bookings = 40
	var writing sync.WaitGroup
	for client := range 2 {
		writing.Go(func() {
			for n := range bookings {
				made, err := s.Book(t.Context(), public, desk.BookRequest{
					Venue: "barber", Service: "class", Start: slot(1+n%4, 2*(n%5)), PartySize: 1, Customer: secret,
				})
				if err == nil && (n+client)%3 == 0 {
					_, err = s.Cancel(t.Context(), staff, desk.TransitionRequest{Venue: "barber", ID: made.Booking.ID})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	written := make(chan struct{})
	go func() { writing.Wait(); close(written) }()
	for last := false; !last; {
		select {
		case <-written:
			last = true
		default:
		}
		clean(t, s.verify(s.store))
	}
	if report := s.verify(s.store); report.Bookings != 2*bookings {
		t.Errorf("%d bookings were written, %d read", 2*bookings, report.Bookings)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	own := errors.New("the disk is gone")
	if _, err := verify.Verify(t.Context(), &picture{err: own}, verify.Options{}); !errors.Is(err, own) {
		t.Errorf("got error %v, want the store's", err)
	}
	s := history(t)
	for _, what := range []string{"the tables' venues", "the venues", "its changes", "its bookings", "its claims", "its answers"} {
		report, err := verify.Verify(t.Context(), failing{take(t, s.store), what, own}, verify.Options{Now: s.clock.Now()})
		if !errors.Is(err, own) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s cannot be read: got error %v", what, err)
		}
		if report.Venues != 0 {
			t.Errorf("%s cannot be read, and there is a report:\n%s", what, report)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := verify.Verify(ctx, s.store, verify.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a check that is cancelled ends with %v", err)
	}
}

// failing cannot show one kind of thing.
type failing struct {
	*picture
	what string
	err  error
}

func (f failing) Inspect(_ context.Context, visit func(store.Snapshot) error) error { return visit(f) }

func (f failing) on(what string) error {
	if what == f.what {
		return f.err
	}
	return nil
}

func (f failing) Loaded(ctx context.Context, visit func(store.Loaded) error) error {
	return errors.Join(f.picture.Loaded(ctx, visit), f.on("the venues"))
}

func (f failing) Changes(ctx context.Context, venue booking.VenueID, visit func(booking.Change) error) error {
	return errors.Join(f.picture.Changes(ctx, venue, visit), f.on("its changes"))
}

func (f failing) Bookings(ctx context.Context, venue booking.VenueID, visit func(booking.Booking) error) error {
	return errors.Join(f.picture.Bookings(ctx, venue, visit), f.on("its bookings"))
}

func (f failing) Active(ctx context.Context, venue booking.VenueID, visit func(booking.BookingID, booking.Claim) error) error {
	return errors.Join(f.picture.Active(ctx, venue, visit), f.on("its claims"))
}

func (f failing) Answers(ctx context.Context, venue booking.VenueID, visit func(booking.Answer) error) error {
	return errors.Join(f.picture.Answers(ctx, venue, visit), f.on("its answers"))
}

func (f failing) Orphans(ctx context.Context, visit func(booking.VenueID, string) error) error {
	return errors.Join(f.picture.Orphans(ctx, visit), f.on("the tables' venues"))
}

func (f failing) SingleRows(ctx context.Context, visit func(string, int) error) error {
	return errors.Join(f.picture.SingleRows(ctx, visit), f.on("the tables of one row"))
}

// A value that cannot be understood is damage that was found, and no failure to look: wherever it is, there is a report.
func TestDamagedValues(t *testing.T) {
	t.Parallel()
	s := history(t)
	damaged := store.Damaged(errors.New(secret.Name), "the \x1b[2Jthing")
	for what, want := range map[string]struct {
		problem string
		venues  int
	}{
		"the venues":   {"the ?[2Jthing: a stored value cannot be read: the rest was not checked", 0},
		"its changes":  {"the ?[2Jthing: a stored value cannot be read: what is behind it was not checked", 2},
		"its bookings": {"the ?[2Jthing: a stored value cannot be read: what is behind it was not checked", 2},
	} {
		report := s.verify(failing{take(t, s.store), what, damaged})
		problems := strings.Join(report.Problems, "\n")
		if !strings.Contains(problems, want.problem) || strings.Contains(problems, secret.Name) || report.Venues != want.venues {
			t.Errorf("%s cannot be understood: got the report\n%s", what, report)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	s := history(t)
	p := take(t, s.store)
	for _, tt := range []struct {
		what string
		now  time.Time
		want string
	}{
		{"a hold that ran out just now", s.clock.Now().Add(11 * time.Minute), ""},
		{"a hold that ran out long ago", s.clock.Now().Add(12 * time.Minute), "1 hold ran out"},
		{"answers made a little later", s.clock.Now().Add(-time.Minute), ""},
		{"an answer made tomorrow", s.clock.Now().Add(-25 * time.Hour), "1 answer made in the future"},
	} {
		report := must[verify.Report](t)(verify.Verify(t.Context(), p, verify.Options{Now: tt.now}))
		if !report.Clean() {
			t.Errorf("%s: got problems:\n%s", tt.what, report)
		}
		if got := strings.Join(report.Warnings, "\n"); (got != "") != (tt.want != "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got warnings %q, want %q", tt.what, got, tt.want)
		}
	}
}

func TestReportIsBounded(t *testing.T) {
	t.Parallel()
	s := history(t)
	p := take(t, s.store)
	barber := p.of("barber")
	for n := range 150 {
		b := barber.bookings[0]
		b.ID = booking.BookingID("bk_" + strings.Repeat("x", n))
		barber.bookings = append(barber.bookings, b)
	}
	report := s.verify(p)
	if len(report.Problems) != 100 || report.MoreProblems < 50 {
		t.Errorf("%d problems are listed, and %d more counted", len(report.Problems), report.MoreProblems)
	}
	if text := report.String(); !strings.Contains(text, "more\n") || !strings.Contains(text, "problems found\n") {
		t.Errorf("the report does not say that there is more:\n%s", text)
	}
}

// What a damaged database holds cannot take over the terminal.
func TestReportQuotesStrangeIDs(t *testing.T) {
	t.Parallel()
	s := history(t)
	p := take(t, s.store)
	p.of("barber").bookings[0].ID = booking.BookingID("bk_\x1b[2J\n" + strings.Repeat("x", 1000))
	for _, problem := range s.verify(p).Problems {
		if strings.ContainsAny(problem, "\x1b\n") || len(problem) > 500 {
			t.Errorf("the report says %q", problem)
		}
	}
}

func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	data := must[[]byte](t)(json.Marshal(s.verify(s.store))) //nolint:errchkjson // it is checked
	for _, field := range []string{`"venues":0`, `"problems":[]`, `"more_problems":0`, `"warnings":[]`} {
		if !strings.Contains(string(data), field) {
			t.Errorf("the report as JSON has no %s: %s", field, data)
		}
	}
}
