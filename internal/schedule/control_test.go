package schedule_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
	"vacancy/internal/schedule"
)

// Negative controls: the property that the package passes must fail for answers that get local time wrong in the usual ways.
func TestTheOracleCatchesMutants(t *testing.T) {
	t.Parallel()
	for name, mutant := range map[string]answers{
		"lengths are wall time": withOpenings(func(o schedule.Opening) schedule.Opening {
			// as if every day had 24 hours: the closing is the opening plus the difference of the two on the wall
			o.End = o.Start.Add(time.Duration(wallOf(o.End)-wallOf(o.Start)) * time.Second)
			return o
		}),
		"a fold is seen once": {
			openings: schedule.Openings, cover: schedule.MergeOpenings,
			starts: func(o schedule.Opening, step time.Duration) []time.Time {
				return slices.CompactFunc(genuine.starts(o, step), func(a, b time.Time) bool { return wallOf(b) <= wallOf(a) })
			},
		},
		"steps are elapsed time": {
			openings: schedule.Openings, cover: schedule.MergeOpenings,
			starts: func(o schedule.Opening, step time.Duration) (starts []time.Time) {
				for at := o.Start; at.Before(o.End); at = at.Add(step) {
					starts = append(starts, at)
				}
				return starts
			},
		},
		"periods that touch do not merge": {
			openings: schedule.Openings, starts: genuine.starts,
			cover: func(openings []schedule.Opening) (is schedule.Intervals) {
				for _, o := range openings {
					is = append(is, schedule.Interval{Start: o.Start, End: o.End})
				}
				return is
			},
		},
		"a period ends at midnight": withOpenings(func(o schedule.Opening) schedule.Opening {
			if midnight := schedule.Midnight(o.Start.Location(), booking.DateOf(o.Start).AddDays(1)); o.End.After(midnight) {
				o.End = midnight
			}
			return o
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			questions := rapid.Custom(drawQuestion)
			for seed := range 300 {
				q := questions.Example(seed)
				if q.differ(newTimeline(q.zone, q.from, q.to, time.Minute), mutant) != nil {
					return
				}
			}
			t.Error("the oracle sees nothing wrong")
		})
	}
}

// withOpenings is the package with each opening altered.
func withOpenings(alter func(schedule.Opening) schedule.Opening) answers {
	mutant := genuine
	mutant.openings = func(s booking.Schedule, zone *time.Location, from, to booking.Date) []schedule.Opening {
		openings := schedule.Openings(s, zone, from, to)
		for i := range openings {
			openings[i] = alter(openings[i])
		}
		return openings
	}
	return mutant
}
