package schedule_test

import (
	"testing"
	"time"

	"vacancy/internal/schedule"
)

// Exactly the times of the day that the clock never shows are skipped, on every day with a clock change, said with either of the offsets
// around it.
func TestSkippedIsWhatTheClockNeverShows(t *testing.T) {
	t.Parallel()
	for _, name := range append([]string{"Pacific/Apia", "Europe/London"}, changingZones...) {
		zone := loadZone(t, name)
		first := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
		if name == "Pacific/Apia" {
			first = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC) // before the date that it went without
		}
		skips, forward := 0, false
		for _, change := range clockChanges(zone, first, first.AddDate(4, 0, 0)) {
			_, before := change.Add(-time.Second).In(zone).Zone()
			_, after := change.In(zone).Zone()
			forward = forward || after > before
			for minutes := -180; minutes < 180; minutes += 15 {
				at := change.Add(time.Duration(minutes) * time.Minute)
				for _, offset := range []int{before, after} {
					asked := at.In(time.FixedZone("", offset))
					shown := false
					for _, other := range []int{before, after} {
						instant := asked.Add(time.Duration(offset-other) * time.Second)
						_, there := instant.In(zone).Zone()
						shown = shown || there == other
					}
					if schedule.Skipped(zone, asked) == shown {
						t.Errorf("%s: %v is shown: %v", name, asked, shown)
					}
					if !shown {
						skips++
					}
				}
			}
		}
		if (skips > 0) != forward {
			t.Errorf("%s skips %d times, and is put forward: %v", name, skips, forward)
		}
	}
	for _, foreign := range []string{
		"2026-03-29T02:30:00Z", "2026-03-29T02:30:00-05:00", "2026-03-28T02:30:00+01:00", "2026-10-25T02:30:00+01:00",
	} {
		at, err := time.Parse(time.RFC3339, foreign)
		if err != nil {
			t.Fatal(err)
		}
		if schedule.Skipped(loadZone(t, "Europe/Berlin"), at) {
			t.Errorf("%s is skipped in Berlin", foreign)
		}
	}
}
