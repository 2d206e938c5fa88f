package events

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/view"
)

// Reset is the data of availability.reset: all that is known of a service before values_at is to be read anew.
type Reset struct {
	Service  booking.ServiceID `json:"service"`
	ValuesAt ValuesAt          `json:"values_at"`
	// AtLeast is for at_least of the GET.
	AtLeast string `json:"at_least"`
}

// NewEpoch is the data of venue.reset: the venue goes on in another history.
type NewEpoch struct {
	PreviousEpoch booking.Epoch `json:"previous_epoch"`
	PreviousTerm  int64         `json:"previous_term"`
	// LastCommonRevision is the last that both epochs are known to have: what was told of the previous epoch beyond it never happened.
	LastCommonRevision booking.Revision `json:"last_common_revision"`
	AtLeast            string           `json:"at_least"`
}

// LeftOut is the data of venue.gap: the changes from..to, both inclusive, are not told.
type LeftOut struct {
	From    booking.Revision `json:"from"`
	To      booking.Revision `json:"to"`
	AtLeast string           `json:"at_least"`
}

// VenueReset is the first event of an epoch: the venue had another when something was sent of it last. lastCommon is the last revision that
// is known to be in both. It is before the events of the epoch's changes.
func VenueReset(venue booking.VenueID, epoch, previous booking.Epoch, lastCommon booking.Revision, now time.Time) bus.Event {
	e := bus.Event{Venue: venue, Name: bus.VenueReset, Time: now, Epoch: epoch, Revision: lastCommon}
	e.Data = encode(NewEpoch{
		PreviousEpoch: previous, PreviousTerm: previous.Term(), LastCommonRevision: lastCommon, AtLeast: position(epoch, lastCommon),
	})
	e.ID = contentID(&e, "")
	return e
}

// Gap tells that the changes from..to, both inclusive, are not told, because they are no longer stored. It stands in their place.
func Gap(venue booking.VenueID, epoch booking.Epoch, from, to booking.Revision, now time.Time) bus.Event {
	e := bus.Event{Venue: venue, Name: bus.VenueGap, Time: now, Epoch: epoch, Revision: to}
	e.Data = encode(LeftOut{From: from, To: to, AtLeast: position(epoch, to)})
	e.ID = contentID(&e, "")
	return e
}

// availabilityReset tells to read a service anew: whatever is in the picture, or later.
func availabilityReset(p *view.Picture, service booking.ServiceID, first booking.Change) bus.Event {
	e := venueEvent(p, bus.AvailabilityReset, string(service), first.CommittedAt, encode(Reset{
		Service: service, ValuesAt: valuesAt(p), AtLeast: position(p.Epoch, p.Revision),
	}))
	e.ID = contentID(&e, changedFrom(first))
	return e
}

// position is for at_least of a GET, so that a server which is behind a revision catches up first.
func position(epoch booking.Epoch, revision booking.Revision) string {
	return booking.Position{Epoch: epoch, Revision: revision}.String()
}

// venueEvent is an event about the state of a picture. The caller sets its id.
func venueEvent(p *view.Picture, name bus.Name, subject string, at time.Time, data json.RawMessage) bus.Event {
	return bus.Event{
		Venue: p.Venue.ID, Name: name, Subject: subject, Time: at, Epoch: p.Epoch, Revision: p.Revision, Data: data,
	}
}

// changedFrom tells events apart that were made of changes with different beginnings.
func changedFrom(first booking.Change) string { return strconv.FormatUint(uint64(first.Revision), 10) }

// contentID is an id that is the same for the same content, and another for any other. made is what tells apart events that have the same
// content by chance.
func contentID(e *bus.Event, made string) string {
	h := sha256.New()
	for _, part := range []string{made, e.Subject, strconv.Itoa(e.Index), string(e.Data)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return string(e.Venue) + "/" + string(e.Epoch) + "/" + strconv.FormatUint(uint64(e.Revision), 10) + "/" + string(e.Name) + "/" +
		hex.EncodeToString(h.Sum(nil)[:digestSize])
}
