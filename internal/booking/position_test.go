package booking_test

import (
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
)

func TestPositionText(t *testing.T) {
	t.Parallel()
	for _, p := range []booking.Position{
		{Epoch: "e"},
		{Epoch: "0k3f", Revision: 1},
		{Epoch: "e_-", Revision: 1<<63 - 1, Boundary: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)},
	} {
		if got, err := booking.ParsePosition(p.String()); err != nil || got != p {
			t.Errorf("%q is read as %+v, %v, want %+v", p, got, err, p)
		}
	}
	for _, text := range []string{
		"", ".", "..", "e.1", "e.1.2.3", ".1.2", "E.1.2", "e.-1.0", "e.1.-1", "e..", "e.1.", "e.!.0", "e.1.zzzzzzzzzzzz",
		strings.Repeat("e", 99) + ".1.2",
		"e.zzzzzzzzzzzzzzzz.0", "e. 1.2",
	} {
		if got, err := booking.ParsePosition(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestPositionCovers(t *testing.T) {
	t.Parallel()
	nine := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	p := booking.Position{Epoch: "e", Revision: 5, Boundary: nine}
	for _, tt := range []struct {
		q    booking.Position
		want bool
	}{
		{p, true},
		{booking.Position{Epoch: "e", Revision: 4, Boundary: nine}, true},
		{booking.Position{Epoch: "e", Revision: 5}, true},
		{booking.Position{Epoch: "e", Revision: 6, Boundary: nine}, false},
		{booking.Position{Epoch: "e", Revision: 5, Boundary: nine.Add(1)}, false},
		{booking.Position{Epoch: "f"}, false},
	} {
		if got := p.Covers(tt.q); got != tt.want {
			t.Errorf("%v covers %v: %v", p, tt.q, got)
		}
	}
}

func FuzzParsePosition(f *testing.F) {
	for _, seed := range []string{"e.1.2", "e.0.0", "e.+1.2", "e.1_0.2", "..", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := booking.ParsePosition(text)
		if err != nil {
			return
		}
		if again, err := booking.ParsePosition(p.String()); err != nil || again != p || !p.Covers(again) {
			t.Errorf("%q is read as %+v, written as %q, and read as %+v, %v", text, p, p, again, err)
		}
	})
}

func TestTermOfAnEpoch(t *testing.T) {
	t.Parallel()
	for epoch, want := range map[booking.Epoch]int64{"14-abcdefghijklm": 40, "1-x": 1, "abcdefghijklm": 0, "": 0, "!-x": 0, "-x": 0} {
		if got := epoch.Term(); got != want {
			t.Errorf("the term of %q is %d, want %d", epoch, got, want)
		}
	}
}
