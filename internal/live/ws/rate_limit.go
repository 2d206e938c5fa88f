package ws

import "time"

// rateLimit is what a client may still do. It is for one goroutine.
type rateLimit struct {
	messages       float64
	at             time.Time
	protocolErrors int
}

func newRateLimit(now time.Time) rateLimit { return rateLimit{messages: messageBurst, at: now} }

// allowMessage counts a message or a control frame. False if there are too many.
func (l *rateLimit) allowMessage(now time.Time) bool {
	l.messages = min(messageBurst, l.messages+messagesPerSecond*now.Sub(l.at).Seconds())
	l.at = now
	if l.messages < 1 {
		return false
	}
	l.messages--
	return true
}

// allowRefusal counts a message that was refused. False if there are too many.
func (l *rateLimit) allowRefusal() bool {
	l.protocolErrors++
	return l.protocolErrors <= maxRefusals
}
