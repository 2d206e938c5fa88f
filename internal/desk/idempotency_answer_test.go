package desk

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"vacancy/internal/booking"
)

// fullOutcome has a value in every field.
func fullOutcome() Outcome {
	at := func(us int64) time.Time { return time.UnixMicro(1_800_000_000_000_000 + us).UTC() }
	b := booking.Booking{
		Venue: "a", ID: "bk_1", Service: "cut", Status: booking.Held, Start: at(1), End: at(2), WallStart: "2027-01-15T09:00:00",
		PartySize: 3, Claims: []booking.Claim{{Resource: "chair", Start: at(3), End: at(4), Units: 2}}, ExpiresAt: at(5), Extensions: 1,
		Customer:  booking.Customer{Name: "Ada", Email: "ada@example.com", Phone: "+44 20", Note: "Quietly.\n\"Thank you\""},
		TokenHash: booking.HashToken("token"), CreatedAt: at(6), UpdatedAt: at(7), EndedBy: booking.ByVenue, Revision: 8,
	}
	return Outcome{Booking: b, Token: "token", Position: booking.Position{Epoch: "e", Revision: 9}}
}

// A new field of a booking or an outcome must be stored too: a test of values alone would not notice.
func TestOutcomesAreStored(t *testing.T) {
	t.Parallel()
	full := fullOutcome()
	elsewhere := map[string]bool{
		"Zone":              true, // the venue has it
		"Position.Boundary": true, // positions of bookings have none
		// no answer shows whom the booking is counted for
		"Booking.ClientTag": true, "Booking.ContactTag": true,
		"Booking.CancelledHold": true, // no answer shows it; see booking.Booking
	}
	for name, value := range fields(reflect.ValueOf(full)) {
		if value.IsZero() && !elsewhere[name] {
			t.Errorf("the example has no %s", name)
		}
	}
	for _, want := range []Outcome{full, {Booking: booking.Booking{
		CreatedAt: full.Booking.CreatedAt, UpdatedAt: full.Booking.UpdatedAt, Start: full.Booking.Start, End: full.Booking.End,
	}}} {
		data, err := encodeOutcome(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeOutcome(data)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v came back as %+v, %v", want, got, err)
		}
	}
}

// fields are the values of all fields of a struct, and of those in it, by name.
func fields(v reflect.Value) map[string]reflect.Value {
	all := make(map[string]reflect.Value)
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if f := v.Field(i); f.Kind() == reflect.Struct && f.Type() != reflect.TypeFor[time.Time]() {
			for inner, value := range fields(f) {
				all[fmt.Sprintf("%s.%s", name, inner)] = value
			}
		} else {
			all[name] = f
		}
	}
	return all
}

func BenchmarkStoredOutcome(b *testing.B) {
	full := fullOutcome()
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			data, _ := json.Marshal(full)
			b.SetBytes(int64(len(data)))
		}
	})
	b.Run("stored", func(b *testing.B) {
		for b.Loop() {
			data, _ := encodeOutcome(full)
			b.SetBytes(int64(len(data)))
		}
	})
	b.Run("sealed", func(b *testing.B) {
		data, _ := encodeOutcome(full)
		r := Idempotency{Key: "0123456789abcdef"}
		for b.Loop() {
			sealer, _ := r.cipher()
			_ = sealer.Seal(nil, nil, data, []byte("key"))
		}
	})
}
