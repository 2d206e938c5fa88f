package outbox

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// scanLoop looks for unsent venues when shards were taken over, and from time to time.
func (r *Relay) scanLoop(ctx context.Context) {
	ticker := time.NewTicker(scanInterval)
	defer ticker.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.takenOver:
		case <-ticker.C:
		}
		err := r.scan(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			failing = false
			continue
		}
		r.config.Meter.Failed(FailedScan)
		if !failing {
			failing = true
			r.config.Log.Warn("venues with unsent changes cannot be listed; trying again, and going on with those that are known",
				"bus", r.config.Name, "error", err)
		}
		if !wait(ctx, storeDelays.most) {
			return
		}
		r.scanSoon()
	}
}

// scanSoon has a scan begin, after the one under way.
func (r *Relay) scanSoon() {
	select {
	case r.takenOver <- struct{}{}:
	default:
	}
}

// scan lists all venues that have something unsent, and notes those of our shards, until there is no more room.
func (r *Relay) scan(ctx context.Context) error {
	r.unsent.beginScan()
	after := booking.VenueID("")
	for r.leases.count() > 0 {
		page, err := r.unsentPage(ctx, after)
		if err != nil {
			return err
		}
		if room, err := r.notePage(ctx, page); err != nil || !room {
			return err
		}
		if len(page) < scanPage {
			return nil
		}
		after = page[len(page)-1]
	}
	return nil
}

func (r *Relay) unsentPage(ctx context.Context, after booking.VenueID) ([]booking.VenueID, error) {
	ctx, cancel := context.WithTimeout(ctx, scanTimeout)
	defer cancel()
	page, err := r.config.Store.Unsent(ctx, r.config.Name, after, scanPage)
	if err != nil {
		return nil, fmt.Errorf("list unsent venues: %w", err)
	}
	return page, nil
}

// notePage notes venues that a scan has found, and reads the cursors of all that are not known in one statement.
func (r *Relay) notePage(ctx context.Context, page []booking.VenueID) (room bool, _ error) {
	tenures := make(map[booking.VenueID]*tenure, len(page)) // taken before the cursors are read, which hold for as long
	var unknown []booking.VenueID
	for _, id := range page {
		shard := store.ShardOf(id)
		if t := r.leases.tenure(shard); t != nil && !id.Hidden() {
			tenures[id] = t
			if !r.unsent.knows(id, t) {
				unknown = append(unknown, id)
			}
		}
	}
	cursors := make(map[booking.VenueID]*store.Cursor, len(unknown)) // a venue that is known now may be dropped before it is found
	if len(unknown) > 0 {
		ctx, cancel := context.WithTimeout(ctx, scanTimeout)
		defer cancel()
		read, err := r.config.Store.Cursors(ctx, r.config.Name, unknown)
		if err != nil {
			return false, fmt.Errorf("read the cursors of unsent venues: %w", err)
		}
		for _, id := range unknown {
			cursor := read[id]
			cursors[id] = &cursor
		}
	}
	for _, id := range page {
		if t := tenures[id]; t != nil && !r.unsent.found(id, cursors[id], t) {
			return false, nil
		}
	}
	return true, nil
}
