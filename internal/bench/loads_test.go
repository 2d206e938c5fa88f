package bench

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const short = 300 * time.Millisecond

func TestBook(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults  faults
		options BookOptions
		broken  string // what the verdict says
		check   func(r BookReport) bool
	}{
		"room for all": {
			faults{},
			BookOptions{Clients: 4, Slots: 3, Venues: 2, Capacity: 1000, Duration: short, NoKeys: true},
			"",
			func(r BookReport) bool {
				return r.Booked > 10 && r.Refused == 0 && r.Audit.Bookings == int(r.Booked) && r.Latency.Count == uint64(r.Booked) &&
					r.BookedPerSecond > 10 && r.Usage.ServerMemory == 20_000_000 && len(r.Errors) == 0
			},
		},
		"few places": {
			faults{chunked: true},
			BookOptions{Clients: 20, Slots: 1, Venues: 1, Capacity: 4, Duration: time.Minute, Count: 100},
			"",
			func(r BookReport) bool {
				return r.Booked == 4 && r.Refused == 96 && r.Alternatives == 96 && r.Audit.Bookings == 4 && r.RefusalLatency.Count == 96
			},
		},
		"busy and broken": {
			faults{busyEvery: 7, cutEvery: 5},
			BookOptions{Clients: 3, Slots: 1, Venues: 1, Capacity: 1000, Duration: time.Minute, Count: 35},
			"",
			func(r BookReport) bool {
				return r.Booked == 24 && r.Errors["connection"] == 7 && r.Errors["503 busy"] == 4
			},
		},
		"oversold": {
			faults{oversell: true},
			BookOptions{Clients: 2, Slots: 1, Venues: 1, Capacity: 4, Duration: time.Minute, Count: 10},
			"1 places oversold", func(r BookReport) bool { return r.Audit.Oversold == 1 },
		},
		"lost": {
			faults{lose: true},
			BookOptions{Clients: 1, Slots: 1, Venues: 1, Capacity: 50, Duration: time.Minute, Count: 30},
			"3 bookings lost", func(r BookReport) bool { return r.Audit.Lost == 3 },
		},
		"two nodes, one of them late": {
			faults{nodes: 2, late: true},
			BookOptions{Clients: 4, Slots: 3, Venues: 2, Capacity: 1000, Duration: short},
			"",
			func(r BookReport) bool {
				return r.Booked > 10 && r.Audit.Bookings == int(r.Booked) && r.Usage.ServerMemory == 40_000_000
			},
		},
		"two nodes, one of them deaf": {
			faults{nodes: 2, deaf: true},
			BookOptions{Clients: 2, Slots: 1, Venues: 1, Capacity: 50, Duration: time.Minute, Count: 3},
			"1 slots shown wrong", func(r BookReport) bool { return r.Audit.Wrong == 1 },
		},
		"shown wrong": {
			faults{lie: true},
			BookOptions{Clients: 1, Slots: 1, Venues: 1, Capacity: 50, Duration: time.Minute, Count: 3},
			"1 slots shown wrong", func(r BookReport) bool { return r.Audit.Wrong == 1 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Book(t.Context(), newFake(t, test.faults), test.options)
			checkVerdict(t, err, test.broken)
			if !test.check(r) {
				t.Errorf("%+v", r)
			}
			if text := r.String(); !strings.Contains(text, "booked") || !strings.Contains(text, "audit") {
				t.Errorf("printed\n%s", text)
			}
		})
	}
}

func checkVerdict(t *testing.T, err error, broken string) {
	t.Helper()
	if broken == "" && err != nil || broken != "" && (!errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), broken)) {
		t.Errorf("the verdict is %v, want %q", err, broken)
	}
}

func TestChurn(t *testing.T) {
	t.Parallel()
	r, err := Churn(t.Context(), newFake(t, faults{}), ChurnOptions{Clients: 10, Capacity: 2, Duration: short})
	checkVerdict(t, err, "")
	if r.Booked == 0 || r.Booked != r.Cancelled || r.Refused == 0 || r.Alternatives != r.Refused || r.MostHeld != 2 || r.Listings == 0 ||
		r.Audit.Bookings != 0 || len(r.Errors) > 0 || !strings.Contains(r.String(), "places") {
		t.Errorf("%+v", r)
	}
}

// Negative control: a server with one place too many is found out, by the clients and by the watcher.
func TestChurnFindsOverselling(t *testing.T) {
	t.Parallel()
	r, err := Churn(t.Context(), newFake(t, faults{oversell: true}), ChurnOptions{Clients: 10, Capacity: 2, Duration: short})
	checkVerdict(t, err, "3 were held")
	if r.MostHeld != 3 || r.MostListed != 3 {
		t.Errorf("%+v", r)
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults    faults
		webSocket bool
		broken    string
	}{
		"stream":                {faults{}, false, ""},
		"socket":                {faults{}, true, ""},
		"stream without deltas": {faults{skipDelta: true}, false, "readers do not have what a fresh answer says"},
		"socket without deltas": {faults{skipDelta: true}, true, "readers do not have what a fresh answer says"},
		"cut streams":           {faults{cutLive: true}, false, "readers do not have what a fresh answer says"},
		"two nodes":             {faults{nodes: 2, late: true}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := LiveOptions{Readers: 5, Changes: 60, Days: 1, Slots: 7, Duration: short, WebSocket: test.webSocket, settle: short}
			r, err := Live(t.Context(), newFake(t, test.faults), o)
			checkVerdict(t, err, test.broken)
			if r.Readers != 5 || r.Changes < 5 || len(r.Errors) > 0 || r.BookingLatency.Count != uint64(r.Changes) {
				t.Errorf("%+v", r)
			}
			if test.faults.cutLive != (r.Frames == 0) || test.faults.cutLive != (r.Cut == 5) || r.UpdateLatency.Count != uint64(r.Frames) {
				t.Errorf("%+v", r)
			}
			if !strings.Contains(r.String(), "update latency") == (r.Frames > 0) {
				t.Errorf("printed\n%s", r)
			}
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	target := newFake(t, faults{})
	good := BookOptions{Clients: 1, Slots: 1, Venues: 1, Capacity: 1, Duration: 1}
	for _, change := range []func(o *BookOptions){
		func(o *BookOptions) { o.Clients = 0 },
		func(o *BookOptions) { o.Slots = 0 },
		func(o *BookOptions) { o.Slots = maxSlots + 1 },
		func(o *BookOptions) { o.Venues = 0 },
		func(o *BookOptions) { o.Capacity = 0 },
		func(o *BookOptions) { o.Duration = 0 },
		func(o *BookOptions) { o.Count = -1 },
	} {
		o := good
		change(&o)
		if _, err := Book(t.Context(), target, o); err == nil {
			t.Errorf("Book takes %+v", o)
		}
	}
	for _, o := range []ChurnOptions{{0, 1, 1}, {1, 0, 1}, {1, auditPage + 1, 1}, {1, 1, 0}} {
		if _, err := Churn(t.Context(), target, o); err == nil {
			t.Errorf("Churn takes %+v", o)
		}
	}
	for _, o := range []LiveOptions{
		{Readers: 0, Changes: 1, Days: 1, Duration: 1},
		{Readers: 1, Changes: 0, Days: 1, Duration: 1},
		{Readers: 1, Changes: 1, Days: 0, Duration: 1},
		{Readers: 1, Changes: 1, Days: auditDays + 1, Duration: 1},
		{Readers: 1, Changes: 1, Days: 1, Duration: 0},
		{Readers: 1, Changes: 1, Days: 1, Duration: 1, Slots: -1},
		{Readers: 1, Changes: 1, Days: 1, Duration: 1, Slots: 49},
	} {
		if _, err := Live(t.Context(), target, o); err == nil {
			t.Errorf("Live takes %+v", o)
		}
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	for address, local := range map[string]bool{
		"http://127.0.0.1:1": true, "http://localhost:1": true, "http://[::1]:1": true, "http://127.9.9.9": true,
		"http://192.0.2.1": false, "http://book.example": false, "http://localhost.example": false, "http://0.0.0.0:1": false, "http://%": false,
	} {
		if err := (Target{Nodes: []Node{{URL: "http://127.0.0.1"}, {URL: address}}}).CheckLoopback(); (err == nil) != local {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"https://127.0.0.1:1", "nothing", "http://127.0.0.1:1"} {
		if _, err := Book(t.Context(), Target{Nodes: []Node{{URL: address}}}, BookOptions{1, 1, 1, 1, short, 0, false}); err == nil {
			t.Errorf("a load on %s", address)
		}
	}
	if _, err := Book(t.Context(), Target{}, BookOptions{1, 1, 1, 1, short, 0, false}); err == nil {
		t.Error("a load on nothing")
	}
}
