package bustest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// names are what sample events are of, in turn.
var names = []bus.Name{
	bus.BookingHeld, bus.BookingConfirmed, bus.AvailabilityChanged, bus.BookingExtended, bus.BookingExpired, bus.BookingCancelled,
	bus.AvailabilityReset, bus.AvailabilityDayOpened, bus.VenueReset, bus.VenueGap, bus.VenueCheckpoint, bus.WebhookTest,
}

// sampleEpoch has a term, the 36th.
const sampleEpoch booking.Epoch = "10-k2v8m4q6s0w2y"

var morning = time.Date(2026, time.November, 24, 8, 0, 0, 123_456_000, time.UTC)

// Event is the i-th sample event of a venue, of i from 0.
func Event(venue booking.VenueID, i int) bus.Event {
	e := bus.Event{
		Venue: venue, Name: names[i%len(names)], Epoch: sampleEpoch, Revision: booking.Revision(1<<40 + i/2), Index: i % 2,
		Time: morning.Add(time.Duration(i) * time.Microsecond),
	}
	if i%5 != 4 { // some are of the venue
		e.Subject = fmt.Sprintf("bk_%d", i)
	}
	e.ID = fmt.Sprintf("%s/%s/%d/%d", venue, e.Epoch, e.Revision, e.Index)
	e.Data = json.RawMessage(fmt.Sprintf(`{"n":%d,"text":"Zoë & <Jürgen>, \"8 o'clock\"\n ☕","big":18446744073709551615,"none":null}`, i))
	return e
}

// Events are the sample events of a venue from the first-th on.
func Events(venue booking.VenueID, first, n int) []bus.Event {
	events := make([]bus.Event, n)
	for i := range events {
		events[i] = Event(venue, first+i)
	}
	return events
}

// sized is an event with data of so many bytes.
func sized(e bus.Event, size int) bus.Event {
	const frame = len(`{"text":""}`)
	e.Data = json.RawMessage(`{"text":"` + strings.Repeat("x", size-frame) + `"}`)
	return e
}
