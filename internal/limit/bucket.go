package limit

import "time"

// bucket is a token bucket as the generic cell rate algorithm keeps it: the instant at which it will be full again. A bucket whose
// instant is past is full, so the zero bucket is.
//
// Instants are counted from the start of the limiter, on the monotonic clock.
type bucket time.Duration

// rate is a [Quota], times what a network may do that many clients share.
type rate struct {
	burst int
	// every is the time in which one token comes, and window that in which an empty bucket becomes full.
	every, window time.Duration
}

func (q Quota) times(n int) rate {
	return rate{burst: q.Burst * n, every: q.Every / time.Duration(n), window: q.Every * time.Duration(q.Burst)}
}

// consume takes a token out of the bucket. If there is none it changes nothing, and says how long it is until there is one.
func (b *bucket) consume(now time.Duration, r rate) (wait time.Duration, ok bool) {
	full := max(time.Duration(*b), now) + r.every
	if wait := full - r.window - now; wait > 0 {
		return wait, false
	}
	*b = bucket(full)
	return 0, true
}

// giveBack undoes a take. A bucket never has more tokens than its burst: an instant in the past counts as now.
func (b *bucket) giveBack(r rate) { *b -= bucket(r.every) }

// isEmpty tells whether the next token is not there yet.
func (b *bucket) isEmpty(now time.Duration, r rate) bool { return b.tillFull(now)+r.every > r.window }

// tillFull is how long it is until the bucket is full again.
func (b *bucket) tillFull(now time.Duration) time.Duration { return max(0, time.Duration(*b)-now) }
