package record

import (
	"encoding/json"
	"strconv"
	"time"

	"vacancy/internal/booking"
)

// A change's entries are stored as one JSON text. It is appended by hand, since each commit writes one entry for every booking of
// its batch, and read with encoding/json, which only those who are behind do.

// EncodeEntries writes what [DecodeEntries] reads.
func EncodeEntries(entries []booking.Entry) ([]byte, error) {
	b := make([]byte, 0, 16+256*len(entries))
	b = append(b, '[')
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"kind":`...)
		b = appendString(b, string(e.Kind))
		b = append(b, `,"actor":`...)
		b = appendString(b, e.Actor)
		if e.Booking != nil {
			b = append(b, `,"booking":`...)
			b = appendTransition(b, e.Booking)
		}
		if e.Venue != nil || e.Resource != nil || e.Service != nil {
			settings, err := json.Marshal(settingsOf(e))
			if err != nil {
				return nil, err
			}
			b = append(b, ',')
			b = append(b, settings[1:len(settings)-1]...) // its one field, without the braces
		}
		b = append(b, '}')
	}
	return append(b, ']'), nil
}

func appendTransition(b []byte, s *booking.BookingTransition) []byte {
	b = append(b, `{"id":`...)
	b = appendString(b, string(s.ID))
	b = append(b, `,"service":`...)
	b = appendString(b, string(s.Service))
	b = append(b, `,"status":`...)
	b = appendString(b, string(s.Status))
	b = append(b, `,"start":`...)
	b = strconv.AppendInt(b, Micros(s.Start), 10)
	b = append(b, `,"party_size":`...)
	b = strconv.AppendInt(b, int64(s.PartySize), 10)
	if !s.End.IsZero() {
		b = append(b, `,"end":`...)
		b = strconv.AppendInt(b, Micros(s.End), 10)
	}
	if !s.ExpiresAt.IsZero() {
		b = append(b, `,"expires":`...)
		b = strconv.AppendInt(b, Micros(s.ExpiresAt), 10)
	}
	if s.Previous != 0 {
		b = append(b, `,"previous":`...)
		b = strconv.AppendUint(b, uint64(s.Previous), 10)
	}
	if s.Override {
		b = append(b, `,"override":true`...)
	}
	b = appendClaims(b, `,"takes":[`, s.Claimed)
	b = appendClaims(b, `,"frees":[`, s.Released)
	b = appendClaims(b, `,"keeps":[`, s.Unchanged)
	return append(b, '}')
}

// appendClaims appends each claim as ["resource",start,end,units].
func appendClaims(b []byte, field string, claims []booking.Claim) []byte {
	if len(claims) == 0 {
		return b
	}
	b = append(b, field...)
	for i, c := range claims {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = appendString(b, string(c.Resource))
		for _, n := range [...]int64{Micros(c.Start), Micros(c.End), int64(c.Units)} {
			b = append(b, ',')
			b = strconv.AppendInt(b, n, 10)
		}
		b = append(b, ']')
	}
	return append(b, ']')
}

// settings are those of an entry that edits the catalogue.
type settings struct {
	Venue    *Venue    `json:"venue,omitempty"`
	Resource *Resource `json:"resource,omitempty"`
	Service  *Service  `json:"service,omitempty"`
}

func settingsOf(e booking.Entry) settings {
	var s settings
	switch {
	case e.Venue != nil:
		s.Venue = OfVenue(*e.Venue)
	case e.Resource != nil:
		s.Resource = OfResource(*e.Resource)
		s.Resource.omit(e.Omits)
	case e.Service != nil:
		s.Service = OfService(*e.Service)
		s.Service.omit(e.Omits)
	}
	return s
}

type entryRecord struct {
	Kind    booking.EntryKind `json:"kind"`
	Actor   string            `json:"actor"`
	Booking *transitionRecord `json:"booking"`
	settings
}

type transitionRecord struct {
	ID        booking.BookingID `json:"id"`
	Service   booking.ServiceID `json:"service"`
	Status    booking.Status    `json:"status"`
	Start     int64             `json:"start"`
	PartySize int               `json:"party_size"`
	// End, ExpiresAt, Previous and Unchanged are missing in what an older program has written; it passes them over.
	End       *int64           `json:"end"`
	ExpiresAt *int64           `json:"expires"`
	Previous  booking.Revision `json:"previous"`
	Override  bool             `json:"override"`
	Claimed   []claimRecord    `json:"takes"`
	Released  []claimRecord    `json:"frees"`
	Unchanged []claimRecord    `json:"keeps"`
}

type claimRecord booking.Claim

// UnmarshalJSON reads ["resource",start,end,units].
func (c *claimRecord) UnmarshalJSON(data []byte) error {
	var start, end int64
	list := []any{&c.Resource, &start, &end, &c.Units}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	c.Start, c.End = Instant(start), Instant(end)
	return nil
}

// DecodeEntries reads what [EncodeEntries] wrote of a change of a venue.
func DecodeEntries(data []byte, venue booking.VenueID) ([]booking.Entry, error) {
	var records []entryRecord
	if err := json.Unmarshal(data, &records); err != nil {
		return nil, err
	}
	entries := make([]booking.Entry, len(records))
	for i, r := range records {
		e := booking.Entry{Kind: r.Kind, Actor: r.Actor}
		switch {
		case r.Booking != nil:
			e.Booking = r.Booking.transition()
		case r.Venue != nil:
			e.Venue = r.Venue.Settings(venue)
		case r.Resource != nil:
			e.Resource, e.Omits = r.Resource.Settings(venue), r.Resource.omits()
		case r.Service != nil:
			e.Service, e.Omits = r.Service.Settings(venue), r.Service.omits()
		}
		entries[i] = e
	}
	return entries, nil
}

func (r *transitionRecord) transition() *booking.BookingTransition {
	return &booking.BookingTransition{
		ID: r.ID, Service: r.Service, Status: r.Status, Start: Instant(r.Start), End: instantOrZero(r.End), PartySize: r.PartySize,
		ExpiresAt: instantOrZero(r.ExpiresAt), Previous: r.Previous, Override: r.Override,
		Claimed: claimsOf(r.Claimed), Released: claimsOf(r.Released), Unchanged: claimsOf(r.Unchanged),
	}
}

// instantOrZero is the zero time for what is not there.
func instantOrZero(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return Instant(*micros)
}

func claimsOf(records []claimRecord) []booking.Claim {
	if len(records) == 0 {
		return nil
	}
	claims := make([]booking.Claim, len(records))
	for i, r := range records {
		claims[i] = booking.Claim(r)
	}
	return claims
}
