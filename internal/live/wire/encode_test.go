package wire_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// inNode runs a test with a node of a barber and a ferry, in a bubble whose time begins on 2000-01-01 at 01:00 in Berlin.
func inNode(t *testing.T, test func(t *testing.T, s *livetest.Store, n *livetest.Node)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := livetest.NewStore(time.Now)
		store.CommitSettings(livetest.Barber())
		store.CommitSettings(livetest.Ferry())
		test(t, store, livetest.NewNode(t, store))
	})
}

// The JSON that is written by hand has exactly the members of the type that describes it, in its order: what encoding/json makes of the
// type is the same, byte for byte.
func TestJSONIsWhatItsTypeSays(t *testing.T) {
	t.Parallel()
	inNode(t, func(t *testing.T, s *livetest.Store, n *livetest.Node) {
		query := live.Query{Venue: "ferry", Service: "trip", From: day(1), To: day(9), Party: 1}
		sub, err := n.Hub.Subscribe(t.Context(), query, "", live.Unlimited{}, livetest.NewWaker())
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		// A closed day's empty list of slots is left out by the type alone.
		snapshot := bytes.ReplaceAll(wire.JSON(sub.Next()), []byte(`,"slots":[]`), nil)
		sameAfterDecoding[wire.Availability](t, snapshot)

		for range 12 {
			c, err := s.Book("ferry", "trip", "", time.Date(2000, 1, 2, 9, 0, 0, 0, time.UTC), 1)
			if err != nil {
				t.Fatal(err)
			}
			n.View.Apply(t.Context(), c)
		}
		<-time.After(time.Second)
		synctest.Wait()
		f := sub.Next()
		if f == nil || f.Event != live.EventDelta || f.Delta.Len() != 1 {
			t.Fatalf("the frame is %+v", f)
		}
		type delta struct {
			Position    string      `json:"position"`
			CommittedAt string      `json:"committed_at"`
			Slots       []wire.Slot `json:"slots"`
			Days        []wire.Day  `json:"days"`
		}
		d := sameAfterDecoding[delta](t, wire.JSON(f))
		if len(d.Slots) != 1 || d.Slots[0].Status != booking.Full || d.Days[0].Date != day(2) {
			t.Errorf("the delta is %+v", d)
		}
	})
}

func sameAfterDecoding[T any](t *testing.T, data []byte) (decoded T) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&decoded); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	again, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, data) {
		t.Errorf("encoded again it is\n%s\nand not\n%s", again, data)
	}
	return decoded
}

// The statuses alone are those of the snapshots, also over the seam of two windows.
func TestStatuses(t *testing.T) {
	t.Parallel()
	inNode(t, func(t *testing.T, _ *livetest.Store, n *livetest.Node) {
		query := live.Query{Venue: "barber", Service: "cut", From: day(1), To: day(1).AddDays(live.MaxQueryDays), Party: 1}
		found, err := n.Hub.DayStatuses(t.Context(), query, booking.Position{})
		if err != nil {
			t.Fatal(err)
		}
		a := wire.StatusesOf(found)
		if len(a.Days) != live.MaxQueryDays+1 || a.TimeZone != "Europe/Berlin" || a.Position == "" {
			t.Fatalf("%+v", a)
		}
		for i, d := range a.Days {
			one := query
			one.From, one.To = day(1).AddDays(i), day(1).AddDays(i)
			f, err := n.Hub.Snapshot(t.Context(), one, booking.Position{})
			if err != nil {
				t.Fatal(err)
			}
			for want := range f.Snapshot.Days() {
				if d.Date != want.Date || d.Status != want.Status || d.Slots != nil {
					t.Errorf("day %d is %+v, and not %v %v", i, d, want.Date, want.Status)
				}
			}
		}
	})
}

// Each kind of frame has its text, and its data is its JSON.
func TestEventStream(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 9, 0, 0, 123_456_789, time.FixedZone("", 3600))
	tests := []struct {
		frame *live.Frame
		want  string
	}{
		{&live.Frame{Event: live.EventReset, Reason: live.EpochChanged}, "event: reset\ndata: {\"reason\":\"epoch_changed\"}\n\n"},
		{&live.Frame{Event: live.EventStale, AsOf: at}, "event: stale\ndata: {\"as_of\":\"2026-11-24T08:00:00.123Z\"}\n\n"},
		{&live.Frame{Event: live.EventFresh, AsOf: at}, "event: fresh\ndata: {\"as_of\":\"2026-11-24T08:00:00.123Z\"}\n\n"},
		{&live.Frame{Event: live.EventBooking, Booking: []byte(`{"id":"bk_1"}`)}, "event: booking\ndata: {\"booking\":{\"id\":\"bk_1\"}}\n\n"},
		{live.Goodbye(1500 * time.Millisecond), "retry: 1500\nevent: goodbye\ndata: {\"reconnect_after_ms\":1500}\n\n"},
	}
	for _, test := range tests {
		got := string(wire.EventStream(test.frame))
		_, data, _ := strings.Cut(strings.TrimSuffix(got, "\n\n"), "data: ")
		if got != test.want || data != string(wire.JSON(test.frame)) {
			t.Errorf("%q, and not %q", got, test.want)
		}
		if once, again := wire.JSON(test.frame), wire.JSON(test.frame); &once[0] != &again[0] {
			t.Error("a frame is encoded twice")
		}
	}
}
