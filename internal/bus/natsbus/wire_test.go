package natsbus

import (
	"fmt"
	"maps"
	"testing"

	"vacancy/internal/booking"
)

func TestCovers(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]bool{
		"vacancy.>": true, ">": true, "*.>": true, "vacancy": false, "vacancy.*": false, "vacancy.*.>": false, "rooms.>": false,
		"vacancy.yoga.>": false, "vacancy.*.*.*": false,
	} {
		if got := covers(subject, "vacancy.>"); got != want {
			t.Errorf("%s covers vacancy.>: %t", subject, got)
		}
	}
	for subject, want := range map[string]bool{"a.b.>": true, "a.>": true, "a.*.>": true, "a.c.>": false, "a.b.c.>": false} {
		if got := covers(subject, "a.b.>"); got != want {
			t.Errorf("%s covers a.b.>: %t", subject, got)
		}
	}
}

func TestHintsOverTheWire(t *testing.T) {
	t.Parallel()
	want := make(map[booking.VenueID]booking.Revision)
	for i := range 3000 {
		want[booking.VenueID(fmt.Sprintf("venue-%d", i))] = booking.Revision(1<<60 + i)
	}
	messages := encodeHints(want)
	got := make(map[booking.VenueID]booking.Revision)
	for _, message := range messages {
		if len(message) > hintSize+100 {
			t.Errorf("a message has %d bytes", len(message))
		}
		decodeHints(message, func(venue booking.VenueID, revision booking.Revision) { got[venue] = revision })
	}
	if len(messages) < 2 || !maps.Equal(got, want) {
		t.Errorf("%d of %d venues in %d messages", len(got), len(want), len(messages))
	}
}

// TestForeignHints: whoever may publish to the subject sends what he likes.
func TestForeignHints(t *testing.T) {
	t.Parallel()
	got := make(map[booking.VenueID]booking.Revision)
	decodeHints([]byte("yoga 7\nyoga\n\n../etc 1\nsalon x\nspa -1\n 5\ngym 99999999999999999999\npool 3"),
		func(venue booking.VenueID, revision booking.Revision) { got[venue] = revision })
	if want := map[booking.VenueID]booking.Revision{"yoga": 7, "pool": 3}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
