package ws

import "time"

const (
	// burst is how many messages a client may send at once, and perSecond how many in the long run.
	burst     = 100
	perSecond = 20
	// maxMistakes is how many messages of a client may be refused.
	maxMistakes = 20
)

// limit is what a client may still do. It is for one goroutine.
type limit struct {
	messages float64
	at       time.Time
	mistakes int
}

func newLimit(now time.Time) limit { return limit{messages: burst, at: now} }

// message counts a message or a control frame. False if there are too many.
func (l *limit) message(now time.Time) bool {
	l.messages = min(burst, l.messages+perSecond*now.Sub(l.at).Seconds())
	l.at = now
	if l.messages < 1 {
		return false
	}
	l.messages--
	return true
}

// mistake counts a message that was refused. False if there are too many.
func (l *limit) mistake() bool {
	l.mistakes++
	return l.mistakes <= maxMistakes
}
