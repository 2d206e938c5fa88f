package natsbus

import (
	"bytes"
	"context"
	"strconv"

	"vacancy/internal/booking"
)

// hints is the subject of hints. It is not below the subjects of the stream, which would keep them.
func (c *Config) hints() string { return c.Subject + "-hints" }

// Announce is [bus.Hinter]'s.
func (b *Bus) Announce(venue booking.VenueID, revision booking.Revision) {
	b.outgoing.Add(venue, revision)
}

// Watch is [bus.Hinter]'s.
func (b *Bus) Watch(ctx context.Context, hint func(booking.VenueID, booking.Revision)) error {
	return b.watchers.Watch(ctx, b.ctx.Done(), hint)
}

// announce sends hints until the bus is closed. What waits while there is no connection is lost.
func (b *Bus) announce() {
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-b.outgoing.Ready():
		}
		hints := b.outgoing.Take()
		s, _ := b.current()
		if s == nil {
			continue
		}
		for _, message := range encodeHints(hints) {
			if s.nc.Publish(b.config.hints(), message) != nil {
				break
			}
		}
	}
}

// encodeHints makes messages of lines, each a venue, a space and a revision.
func encodeHints(hints map[booking.VenueID]booking.Revision) (messages [][]byte) {
	var message []byte
	for venue, revision := range hints {
		message = append(message, venue...)
		message = append(message, ' ')
		message = strconv.AppendUint(message, uint64(revision), 10)
		message = append(message, '\n')
		if len(message) >= hintSize {
			messages = append(messages, message)
			message = nil
		}
	}
	if len(message) > 0 {
		messages = append(messages, message)
	}
	return messages
}

// decodeHints calls hint with what is in a message, and leaves out what is no hint.
func decodeHints(message []byte, hint func(booking.VenueID, booking.Revision)) {
	for line := range bytes.Lines(message) {
		venue, text, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
		revision, err := strconv.ParseUint(string(text), 10, 64)
		if err == nil && booking.ValidID(string(venue)) {
			hint(booking.VenueID(venue), booking.Revision(revision))
		}
	}
}
