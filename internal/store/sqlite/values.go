package sqlite

import (
	"math"
	"time"

	"vacancy/internal/store/record"
)

// bounds are those of [from, to), of which a zero time is none.
func bounds(from, to time.Time) (low, high int64) {
	low, high = math.MinInt64, math.MaxInt64
	if !from.IsZero() {
		low = record.Micros(from)
	}
	if !to.IsZero() {
		high = record.Micros(to)
	}
	return low, high
}
