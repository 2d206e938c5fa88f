package events

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"vacancy/internal/availability"
	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/view"
)

// CheckpointData is the data of venue.checkpoint: digests of what a consumer should have at a revision.
type CheckpointData struct {
	TimeZone string   `json:"time_zone"`
	ValuesAt ValuesAt `json:"values_at"`
	// AsOf is when it was made.
	AsOf string `json:"as_of"`
	// ClosesAfter: slots that close at that instant or before are not in the digests. So a consumer may compare until then.
	ClosesAfter string              `json:"closes_after"`
	Services    []ServiceCheckpoint `json:"services"`
}

// ServiceCheckpoint has the digests of a service.
type ServiceCheckpoint struct {
	Service   booking.ServiceID `json:"service"`
	PartySize int               `json:"party_size"`
	// From and To are the first and the last date that is checked. A date between them that has no digest has no slots.
	From string            `json:"from"`
	To   string            `json:"to"`
	Days map[string]string `json:"days"`
}

// Checkpoint makes the events that let a consumer find out whether it has lost any: a digest of each day of each service, in several
// events if there are many. They are to be sent after the events of all changes in the picture; its revision is then what was checked.
//
// The digest of a day is the first 16 hexadecimal digits of the SHA-256 of its lines, in the order of their starts. A line is of a slot,
// and has its start and end in Unix seconds, what remains, the capacity and the status, with a space between, and a line feed at the end:
//
//	1795507200 1795509000 2 3 available
func Checkpoint(p *view.Picture, now time.Time) []bus.Event {
	if p.Venue.ID.Hidden() {
		return nil
	}
	closesAfter := now.Add(checkpointMargin).Truncate(time.Second)
	data := CheckpointData{
		TimeZone: p.Zone.String(), ValuesAt: valuesAt(p), AsOf: now.UTC().Format(time.RFC3339Nano),
		ClosesAfter: closesAfter.UTC().Format(time.RFC3339),
	}
	var parts []json.RawMessage
	size := 0
	flush := func() {
		parts = append(parts, encode(data))
		data.Services, size = nil, 0
	}
	for _, s := range bookable(p) {
		check := serviceCheckpoint(p, s, now, closesAfter)
		data.Services = append(data.Services, check)
		if size += checkpointSize(check); size > maxDigestsSize {
			flush()
		}
	}
	if len(data.Services) > 0 || len(parts) == 0 {
		flush()
	}
	events := make([]bus.Event, len(parts))
	for i, part := range parts {
		events[i] = venueEvent(p, bus.VenueCheckpoint, "", now, part)
		events[i].Index = i
		events[i].ID = contentID(&events[i], "")
	}
	return events
}

// serviceCheckpoint has the digests of the days of a service, up to the one with which the starts become too many.
func serviceCheckpoint(p *view.Picture, s booking.Service, now, closesAfter time.Time) ServiceCheckpoint {
	q := query(p, s, now)
	days := bookableDates(p, s, now)
	days.to = lastChecked(q, days)
	check := ServiceCheckpoint{
		Service: s.ID, PartySize: s.PartySize.Min, From: days.from.String(), To: days.to.String(), Days: make(map[string]string),
	}
	var lines []byte
	for _, day := range availability.ForDays(q, days.from, days.to) {
		lines = lines[:0]
		for _, start := range day.Starts {
			if availability.BookableUntil(s, start.Start).After(closesAfter) {
				lines = appendLine(lines, start.Slot(s, s.PartySize.Min))
			}
		}
		if len(lines) > 0 {
			sum := sha256.Sum256(lines)
			check.Days[day.Date.String()] = hex.EncodeToString(sum[:digestSize])
		}
	}
	return check
}

// lastChecked is the last date of which a checkpoint has a digest.
func lastChecked(q availability.Query, days dateRange) booking.Date {
	const week = 7
	n := 0
	for from := days.from; from.Compare(days.to) <= 0; from = from.AddDays(week) {
		if n += availability.CountStarts(q, from, from.AddDays(week-1)); n > maxCheckpointStarts && from.Compare(days.from) > 0 {
			return from.AddDays(-1)
		}
	}
	return days.to
}

// appendLine appends the line of a slot, of which the digests are made.
func appendLine(b []byte, slot booking.Slot) []byte {
	for _, n := range [...]int64{slot.Start.Unix(), slot.End.Unix(), int64(slot.Remaining), int64(slot.Capacity)} {
		b = append(strconv.AppendInt(b, n, 10), ' ')
	}
	return append(append(b, slot.Status...), '\n')
}

// checkpointSize is how long the JSON of a service is, at most.
func checkpointSize(s ServiceCheckpoint) int {
	const service, day = 200, len(`"2026-11-24":"0123456789abcdef",`)
	return service + day*len(s.Days)
}
