package record

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store/storetest"
)

// olderTransition is what programs read of a transition that know neither its end nor its expiry, nor what was before, nor which claims
// stay.
type olderTransition struct {
	ID        booking.BookingID `json:"id"`
	Service   booking.ServiceID `json:"service"`
	Status    booking.Status    `json:"status"`
	Start     int64             `json:"start"`
	PartySize int               `json:"party_size"`
	Override  bool              `json:"override"`
	Claimed   []claimRecord     `json:"takes"`
	Released  []claimRecord     `json:"frees"`
}

// transitions are one of each shape.
func transitions() []booking.BookingTransition {
	b := storetest.SampleHold("a", 1, storetest.Slot, storetest.Morning, storetest.Chair1, storetest.Basin)
	base := booking.BookingTransition{ID: b.ID, Service: b.Service, Start: b.Start, End: b.End, PartySize: 3}
	held, confirmed, cancelled, booked := base, base, base, base
	held.Status, held.ExpiresAt, held.Claimed = booking.Held, b.ExpiresAt, b.Claims
	confirmed.Status, confirmed.Previous, confirmed.Unchanged = booking.Confirmed, 1<<40, b.Claims
	cancelled.Status, cancelled.Previous, cancelled.Released = booking.Cancelled, 3, b.Claims
	booked.Status, booked.Override, booked.Claimed = booking.Confirmed, true, b.Claims
	return []booking.BookingTransition{held, confirmed, cancelled, booked}
}

// An older program, which may run beside this one, reads all that it knows of what this one writes, and this one reads what it has written.
func TestTransitionsOfAnOlderProgram(t *testing.T) {
	t.Parallel()
	for _, transition := range transitions() {
		written, err := EncodeEntries([]booking.Entry{{Kind: booking.BookingHeld, Actor: "public", Booking: &transition}})
		must(t, err)
		read, err := DecodeEntries(written, "a")
		must(t, err)
		if !reflect.DeepEqual(*read[0].Booking, transition) {
			t.Errorf("%s came back as\n%+v, want\n%+v", written, *read[0].Booking, transition)
		}

		var older []struct {
			Booking olderTransition `json:"booking"`
		}
		must(t, json.Unmarshal(written, &older))
		again, err := json.Marshal([]map[string]any{{"kind": "booking.held", "actor": "public", "booking": older[0].Booking}})
		must(t, err)
		read, err = DecodeEntries(again, "a")
		must(t, err)
		known := transition
		known.End, known.ExpiresAt, known.Previous, known.Unchanged = time.Time{}, time.Time{}, 0, nil
		if !reflect.DeepEqual(*read[0].Booking, known) {
			t.Errorf("an older program made of %s\n%+v, want\n%+v", written, *read[0].Booking, known)
		}
	}
}

// MarshalJSON writes what UnmarshalJSON reads.
func (c claimRecord) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{c.Resource, Micros(c.Start), Micros(c.End), c.Units})
}
