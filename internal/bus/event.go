package bus

import (
	"encoding/json"
	"strconv"
	"time"

	"vacancy/internal/booking"
)

// Event is one message to the outside. It states the whole state of its subject, so whoever keeps the highest ([Event.Term], Revision,
// Index) of each booking and slot needs neither order nor a memory of what it has seen.
type Event struct {
	// ID is the same for each repeat of an event, and another for anything else of the same source.
	ID    string
	Venue booking.VenueID
	Name  Name
	// Subject is the id of the booking or the service that the event is of; empty if it is of the venue.
	Subject string
	// Time is when the change was committed, or when time alone made the event.
	Time     time.Time
	Epoch    booking.Epoch
	Revision booking.Revision
	// Index orders the events of one revision.
	Index int
	// Data is a JSON object.
	Data json.RawMessage
}

// Name says what an event tells, such as "booking.confirmed". Routing keys and subjects end with it.
type Name string

// The names of events.
const (
	BookingHeld      Name = "booking.held"
	BookingConfirmed Name = "booking.confirmed"
	BookingExtended  Name = "booking.extended"
	BookingExpired   Name = "booking.expired"
	BookingCancelled Name = "booking.cancelled"
	// AvailabilityChanged has the slots that a change may have altered, with their values at a revision.
	AvailabilityChanged Name = "availability.changed"
	// AvailabilityReset tells that the catalogue was edited: what is known of a service is to be read anew.
	AvailabilityReset Name = "availability.reset"
	// AvailabilityDayOpened has the slots of a day that has come within the horizon.
	AvailabilityDayOpened Name = "availability.day_opened"
	// VenueReset begins a new epoch: what is known beyond the last common revision never happened.
	VenueReset Name = "venue.reset"
	// VenueGap tells that events were left out.
	VenueGap Name = "venue.gap"
	// VenueCheckpoint has a digest of what a consumer should know, so that a loss is noticed.
	VenueCheckpoint Name = "venue.checkpoint"
	// WebhookTest is sent when an endpoint is tried.
	WebhookTest Name = "webhook.test"
)

// Type is the CloudEvents type, such as "vacancy.booking.confirmed.v1".
func (n Name) Type() string { return "vacancy." + string(n) + ".v1" }

// Source is the CloudEvents source.
func (e *Event) Source() string { return "/venues/" + string(e.Venue) }

// Term orders epochs; see [booking.Epoch.Term].
func (e *Event) Term() int64 { return e.Epoch.Term() }

// structured is the event in the structured mode of CloudEvents. Its numbers are strings, since an Integer of CloudEvents has 32 bits.
type structured struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject,omitempty"`
	Time            string          `json:"time"`
	DataContentType string          `json:"datacontenttype"`
	Epoch           string          `json:"epoch"`
	Term            string          `json:"term"`
	Revision        string          `json:"revision"`
	Index           string          `json:"index"`
	Data            json.RawMessage `json:"data"`
}

// Structured is the event in the JSON format of CloudEvents, "application/cloudevents+json".
func (e *Event) Structured() ([]byte, error) {
	return json.Marshal(structured{
		SpecVersion: SpecVersion, ID: e.ID, Source: e.Source(), Type: e.Name.Type(), Subject: e.Subject, Time: e.time(),
		DataContentType: DataContentType, Epoch: string(e.Epoch), Term: e.term(), Revision: e.revision(),
		Index: strconv.Itoa(e.Index), Data: e.Data,
	})
}

// Attribute is a CloudEvents attribute in the string form of its type.
type Attribute struct{ Name, Value string }

// Attributes are those of the event but for its data, for a binary mode.
func (e *Event) Attributes() []Attribute {
	all := []Attribute{
		{"specversion", SpecVersion},
		{"id", e.ID},
		{"source", e.Source()},
		{"type", e.Name.Type()},
		{"time", e.time()},
		{"datacontenttype", DataContentType},
		{"epoch", string(e.Epoch)},
		{"term", e.term()},
		{"revision", e.revision()},
		{"index", strconv.Itoa(e.Index)},
	}
	if e.Subject != "" {
		all = append(all, Attribute{"subject", e.Subject})
	}
	return all
}

func (e *Event) time() string { return e.Time.UTC().Format("2006-01-02T15:04:05.000000Z07:00") }

func (e *Event) term() string { return strconv.FormatInt(e.Term(), 10) }

func (e *Event) revision() string { return strconv.FormatUint(uint64(e.Revision), 10) }
