package webhook

import (
	"math/rand/v2"
	"time"
)

// eventBackoff is how long after its n-th attempt an event is tried again.
func eventBackoff(n int) time.Duration {
	return jittered(exponential(n, maxEventBackoff, eventBackoffFactor))
}

// endpointBackoff is how long after the n-th failure in a row an endpoint is tried again.
func endpointBackoff(n int) time.Duration {
	return jittered(exponential(n, maxEndpointBackoff, endpointBackoffFactor))
}

func exponential(n int, most time.Duration, factor int) time.Duration {
	d := firstBackoff
	for range n - 1 {
		if d *= time.Duration(factor); d >= most {
			return most
		}
	}
	return d
}

// jittered takes off up to a quarter, so that what failed at once is not tried at once again.
func jittered(d time.Duration) time.Duration { return d - rand.N(d/4+1) }
