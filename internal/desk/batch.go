package desk

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/view"
)

// batch is the commands of one venue that one transaction decides.
type batch struct {
	venue    booking.VenueID
	commands []*command
}

// startBatches starts the batches' commands, but for those whose callers have left, and leaves out batches in which nothing remains.
func startBatches(dequeued []*batch) (batches []*batch) {
	for _, b := range dequeued {
		b.commands = slices.DeleteFunc(b.commands, func(c *command) bool { return !c.start() })
		if len(b.commands) > 0 {
			batches = append(batches, b)
		}
	}
	return batches
}

// answerBatches answers every command of the batches.
func answerBatches(batches []*batch, failed error) {
	for _, b := range batches {
		for _, c := range b.commands {
			c.answer(failed)
		}
	}
}

// halve divides batches whose transaction failed, the venues first and then the commands of the last of them; nothing if dividing
// is no use: what failed is the store, or a venue as a whole, or no time is left.
func halve(batches []*batch, err error, left time.Duration) (first, second []*batch) {
	if err == nil || unavailable(err) || contended(err) && left <= 0 {
		return nil, nil
	}
	if n := len(batches) / 2; n > 0 {
		return batches[:n], batches[n:]
	}
	b := batches[0]
	n := len(b.commands) / 2
	if n == 0 || contended(err) || venueFailed(err) {
		return nil, nil
	}
	return []*batch{{b.venue, b.commands[:n]}}, []*batch{{b.venue, b.commands[n:]}}
}

// need is what the commands must know, each thing once.
func (b *batch) need(p *view.Picture) store.Need {
	need := store.Need{Venue: b.venue}
	if p != nil {
		need.Known = p.Revision
	}
	for _, c := range b.commands {
		if c.need != nil {
			c.need(&need, p)
		}
	}
	slices.Sort(need.Bookings)
	need.Bookings = slices.Compact(need.Bookings)
	slices.SortFunc(need.Answers, func(a, b booking.AnswerKey) int { return bytes.Compare(a[:], b[:]) })
	need.Answers = slices.Compact(need.Answers)
	need.Clients = distinct(need.Clients)
	need.Contacts = distinct(need.Contacts)
	if len(need.Holds) > 0 {
		need.Holds = distinctRanges(withHolds(p, distinctRanges(need.Holds)))
	}
	return need
}

func distinctRanges(list []store.HoldRange) []store.HoldRange {
	slices.SortFunc(list, func(a, b store.HoldRange) int {
		return cmp.Or(strings.Compare(string(a.Service), string(b.Service)), a.From.Compare(b.From), a.To.Compare(b.To))
	})
	return slices.Compact(list)
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
