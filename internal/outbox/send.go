package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vacancy/internal/bus"
	"vacancy/internal/events"
)

// send publishes a batch, in as many publishes as it takes. An event that the bus rejects is replaced by a venue.gap, and the rest is sent
// again with it. After any other error the whole batch is made anew from the cursor.
func (r *Relay) send(ctx context.Context, v *venue, at *tenure, b *batch, t *turn) error {
	r.replaceRejected(v, b)
	for begin := 0; begin < len(b.events); {
		if !r.leases.valid(at) {
			return errLeaseLost
		}
		part := b.events[begin:min(begin+bus.MaxBatch, len(b.events))]
		t.publishBegan = time.Now()
		receipt, err := r.publish(ctx, v, part)
		rejected, isRejected := errors.AsType[*bus.RejectedError](err)
		switch {
		case err == nil:
			t.confirmed = true
			r.countPublished(part, receipt)
			begin += len(part)
		case ctx.Err() != nil:
			return errLeaseLost
		case isRejected && rejected.Index >= 0 && rejected.Index < len(part):
			if e := &part[rejected.Index]; e.Name == bus.VenueGap || e.Name == bus.VenueReset {
				// There is nothing smaller, and without them consumers would not know what they lack.
				return failed(FailedMisconfigured, fmt.Errorf("%w: it rejects %s: %s", bus.ErrMisconfigured, e.Name.Type(), rejected.Reason))
			}
			t.confirmed = true // it answers
			r.reject(v, b, begin+rejected.Index, rejected.Reason)
		case errors.Is(err, bus.ErrMisconfigured):
			return failed(FailedMisconfigured, err)
		default:
			return failed(FailedPublish, err)
		}
	}
	return nil
}

func (r *Relay) publish(ctx context.Context, v *venue, part []bus.Event) (bus.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	receipt, err := r.config.Bus.Publish(ctx, v.id, part)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: not confirmed within %s: %w", bus.ErrUnavailable, publishTimeout, err)
	}
	return receipt, err
}

func (r *Relay) countPublished(part []bus.Event, receipt bus.Receipt) {
	for i := 0; i < len(part); { // runs of one name, as they mostly are
		n := 1
		for i+n < len(part) && part[i+n].Name == part[i].Name {
			n++
		}
		r.config.Meter.Published(part[i].Name, n)
		i += n
	}
	if receipt.Unrouted > 0 {
		r.config.Meter.Unrouted(receipt.Unrouted)
	}
}

// reject notes that the bus will never accept an event of the batch, and replaces it.
func (r *Relay) reject(v *venue, b *batch, index int, reason string) {
	e := &b.events[index]
	r.config.Meter.Rejected(e.Name)
	r.status.rejected(Rejection{Venue: v.id, Revision: e.Revision, Name: e.Name, Reason: reason, At: r.config.Now()})
	r.config.Log.Error("the bus rejects an event; consumers are told that it is left out", "bus", r.config.Name, "venue", v.id,
		"revision", e.Revision, "type", e.Name.Type(), "reason", reason)
	if v.rejected == nil {
		v.rejected = make(map[string]struct{})
	}
	v.rejected[e.ID] = struct{}{}
	r.replace(v, b, index)
}

// replaceRejected replaces what was rejected before the batch was made anew.
func (r *Relay) replaceRejected(v *venue, b *batch) {
	for i := 0; len(v.rejected) > 0 && i < len(b.events); {
		if _, ok := v.rejected[b.events[i].ID]; ok && r.replace(v, b, i) {
			continue // the next one stands there now
		}
		i++
	}
}

// replace puts a gap in the place of an event, or nothing if the batch tells of that gap already.
func (r *Relay) replace(v *venue, b *batch, index int) (removed bool) {
	e := b.events[index]
	g := gap{from: e.Revision, to: e.Revision, reason: GapRejected}
	if b.changes > 0 && !ofBooking(e.Name) { // what is available is told behind all changes, for all of them
		g.from, g.to = b.first, b.last
	}
	told := events.Gap(v.id, e.Epoch, g.from, g.to, r.config.Now())
	known := func(other bus.Event) bool { return other.ID == told.ID }
	if slices.ContainsFunc(b.events, known) {
		b.events = slices.Delete(b.events, index, index+1)
		return true
	}
	b.events[index] = told
	b.gaps = append(b.gaps, g)
	return false
}

// ofBooking tells whether events of a name are of one booking, and so of one change.
func ofBooking(name bus.Name) bool { return strings.HasPrefix(string(name), "booking.") }
