package record

import (
	"encoding/json"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/store/storetest"
)

// TestAppendString compares with encoding/json, on every byte and on what is not UTF-8.
func TestAppendString(t *testing.T) {
	t.Parallel()
	texts := []string{"", "chair-1", "bk_0123", "Zoë \"Z\"", "\xff\xfe", "a\x00b", "\u2028", strings.Repeat("x", 1000)}
	for b := range 256 {
		texts = append(texts, "a"+string([]byte{byte(b)})+"z")
	}
	for _, text := range texts {
		written := appendString([]byte("before"), text)
		var got, want string
		must(t, json.Unmarshal(written[len("before"):], &got))
		quoted, err := json.Marshal(text)
		must(t, err)
		must(t, json.Unmarshal(quoted, &want))
		if got != want {
			t.Errorf("%q came back as %q, want %q", text, got, want)
		}
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// sampleChange is a change of a batch of n bookings.
func sampleChange(n int) booking.Change {
	d := storetest.Draft{}
	d.Change.Venue = "a"
	for i := range n {
		d.Book(storetest.SampleBooking("a", i, storetest.Slot, storetest.Chair1))
	}
	return d.Change
}

func BenchmarkEncodeEntries(b *testing.B) {
	change := sampleChange(64)
	b.ReportAllocs()
	for b.Loop() {
		data, err := EncodeEntries(change.Entries)
		must(b, err)
		b.SetBytes(int64(len(data)))
	}
}

func BenchmarkDecodeEntries(b *testing.B) {
	data, err := EncodeEntries(sampleChange(64).Entries)
	must(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := DecodeEntries(data, "a")
		must(b, err)
	}
}
