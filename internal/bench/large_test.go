package bench

import (
	"errors"
	"strings"
	"testing"
)

func TestLarge(t *testing.T) {
	t.Parallel()
	options := LargeOptions{Few: 30, Many: 120, Venues: 2, Clients: 4, Samples: 20, days: 60}
	for mode, broken := range map[string]string{
		"well":      "",
		"lying":     "slots shown wrong",
		"forgetful": "is answered with 404",
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, err := StartServer(t.Context(), ServerOptions{Command: asServer(mode), Directory: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			r, err := Large(t.Context(), s, options)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if broken == "" && err != nil || broken != "" && (err == nil || !strings.Contains(err.Error(), broken)) {
				t.Fatalf("the verdict is %v, want %q", err, broken)
			}
			if broken == "" {
				checkLarge(t, r)
			} else if (mode == "lying") != errors.Is(err, ErrBroken) {
				t.Errorf("the verdict is %v", err)
			}
		})
	}
}

func checkLarge(t *testing.T, r LargeReport) {
	t.Helper()
	if r.Few.Bookings != 30 || r.Many.Bookings != 120 || r.Cancelled < 5 || r.Audit.Bookings != 120-int(r.Cancelled) || r.FillSeconds <= 0 {
		t.Errorf("%+v", r)
	}
	for _, s := range []Stored{r.Few, r.Many} {
		if s.Ready <= 0 || s.FirstAnswer <= s.Ready || s.ServerMemory < 1<<20 || s.VenueFirst.Count != 2 || s.MonthFirst.Count != 2 ||
			s.Month.Count != 20 || s.List.Count != 20 || s.Get.Count != 20 {
			t.Errorf("%+v", s)
		}
	}
	if text := r.String(); !strings.Contains(text, "stored") || !strings.Contains(text, "with 30 bookings") {
		t.Errorf("printed\n%s", text)
	}
}

func TestLargeOptionsAreChecked(t *testing.T) {
	t.Parallel()
	s := &Server{Target: newFake(t, faults{})}
	for _, o := range []LargeOptions{
		{Few: 0, Many: 1, Venues: 1, Clients: 1, Samples: 1},
		{Few: 2, Many: 1, Venues: 1, Clients: 1, Samples: 1},
		{Few: 1, Many: 1, Venues: 0, Clients: 1, Samples: 1},
		{Few: 1, Many: 1, Venues: largeVenues + 1, Clients: 1, Samples: 1},
		{Few: 1, Many: 1, Venues: 1, Clients: 0, Samples: 1},
		{Few: 1, Many: 1, Venues: 1, Clients: 1, Samples: 0},
	} {
		if _, err := Large(t.Context(), s, o); err == nil {
			t.Errorf("Large takes %+v", o)
		}
	}
	// A server that is not a process of ours cannot be started again.
	if _, err := Large(t.Context(), s, LargeOptions{Few: 1, Many: 1, Venues: 1, Clients: 1, Samples: 1, days: 30}); err == nil {
		t.Error("Large restarts a server that it did not start")
	}
}
