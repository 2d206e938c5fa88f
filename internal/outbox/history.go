package outbox

import (
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/events"
	"vacancy/internal/store"
)

// errEarlierTerm: the store answers with an earlier term of the database than the one of which events were sent.
var errEarlierTerm = fmt.Errorf("%w: it answers with an earlier term than events were sent of", store.ErrUnavailable)

// otherHistory compares a cursor with what the store has. If the store is of another history than the one of which events were sent, the
// batch is a venue.reset with the last revision that both are known to have; all after that one follows.
//
// An answer of an earlier term is of a database that is in charge no more, such as one that a connection of a pool still leads to. It is an
// error.
func (r *Relay) otherHistory(v *venue, found *behind) (_ batch, begins bool, _ error) {
	c := v.cursor
	switch {
	case c.Epoch == "": // of a venue that is new, nothing was sent
		return batch{}, false, nil
	case c.Epoch.LaterThan(found.Epoch):
		return batch{}, false, failed(FailedRead, errEarlierTerm)
	}
	common := lastCommon(c, found)
	if found.Epoch == c.Epoch && common == c.Revision {
		return batch{}, false, nil
	}
	b := batch{reset: &reset{from: c, revision: found.Revision}, known: found.Revision, more: true}
	b.cursor = store.Cursor{
		Venue: v.id, Epoch: found.Epoch, Revision: common, DueAt: r.config.Now(), Opened: c.Opened,
	}
	if common == c.Revision {
		b.cursor.Batch = c.Batch
	}
	b.events = []bus.Event{events.VenueReset(v.id, found.Epoch, c.Epoch, common, r.config.Now())}
	return b, true, nil
}

// lastCommon is the cursor's revision, if the store's history has it as it was sent. If not, nobody knows how far back the histories part,
// and it is 0.
func lastCommon(c store.Cursor, found *behind) booking.Revision {
	switch {
	case found.Revision < c.Revision:
		return 0
	case found.at != nil && c.Batch != "" && found.at.Batch != c.Batch:
		return 0
	}
	return c.Revision
}

// reset is that another history begins: what was sent before, and the venue's revision when that was found.
type reset struct {
	from     store.Cursor
	revision booking.Revision
}

func (r *Relay) logReset(found *reset, now store.Cursor) {
	if now.Revision == found.from.Revision {
		r.config.Log.Info("the events of a venue go on in another epoch of the database", "bus", r.config.Name, "venue", now.Venue,
			"epoch", string(now.Epoch), "last_common_revision", now.Revision)
		return
	}
	r.config.Log.Error("the database has another history of a venue than the one whose events were sent, as after it was put back to an "+
		"earlier state; all that it has is sent anew", "bus", r.config.Name, "venue", now.Venue, "epoch", string(now.Epoch),
		"revision", found.revision, "sent_epoch", string(found.from.Epoch), "sent_revision", found.from.Revision)
}
