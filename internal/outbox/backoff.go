package outbox

import (
	"math/rand/v2"
	"time"
)

// delays grow from the first to the most, twofold each time.
type delays struct{ first, most time.Duration }

// after is how long to wait after the n-th error in a row, 1 or more: between half of the delay and all of it, so that what failed
// together is not tried again together.
func (d delays) after(n int) time.Duration {
	delay := d.first
	for ; n > 1 && delay < d.most; n-- {
		delay *= 2
	}
	delay = min(delay, d.most)
	return delay/2 + rand.N(delay/2+1)
}
