package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"vacancy/client"
)

// stage is a venue made for a run: one service on one resource, open day and night, with a start every half hour.
type benchVenue struct {
	venue    string
	capacity int
	starts   []time.Time
}

const (
	slotLength = 30 * time.Minute
	slotsADay  = int(24 * time.Hour / slotLength)
	// maxSlots keeps the last start within the farthest horizon that a service can have.
	maxSlots = 700 * slotsADay
	service  = "bench"
	resource = "bench"
)

// from and to are the first and last dates of the starts.
func (s benchVenue) from() string { return s.starts[0].Format(time.DateOnly) }
func (s benchVenue) to() string   { return s.starts[len(s.starts)-1].Format(time.DateOnly) }

// query asks for all of the stage's days.
func (s benchVenue) query() client.Query {
	return client.Query{Venue: s.venue, Service: service, From: s.from(), To: s.to(), PartySize: 1}
}

// setUp makes venues with so many slots each, whose ids nobody has used before: earlier bookings would be in the way.
func (s *session) setUp(ctx context.Context, venues, slots, capacity int) ([]benchVenue, error) {
	tomorrow := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	run := strings.ToLower(rand.Text()[:8])
	stages := make([]benchVenue, venues)
	for i := range stages {
		stages[i] = benchVenue{venue: fmt.Sprintf("bench-%s-%d", run, i), capacity: capacity}
		for n := range slots {
			stages[i].starts = append(stages[i].starts, tomorrow.Add(time.Duration(n)*slotLength))
		}
		if err := s.createVenue(ctx, stages[i]); err != nil {
			return nil, fmt.Errorf("set up %s: %w", stages[i].venue, err)
		}
	}
	return stages, nil
}

func (s *session) createVenue(ctx context.Context, v benchVenue) error {
	if _, err := s.nodes[0].client.PutVenue(ctx, client.Venue{ID: v.venue, Name: "Bench", TimeZone: "UTC"}); err != nil {
		return err
	}
	hours := make(map[string][]string)
	for _, day := range [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		hours[day] = []string{"00:00-24:00"}
	}
	if _, err := s.nodes[0].client.PutResource(ctx, v.venue, client.Resource{
		ID: resource, Name: "Bench", Capacity: v.capacity, Hours: hours,
	}); err != nil {
		return err
	}
	_, err := s.nodes[0].client.PutService(ctx, v.venue, client.Service{
		ID: service, Name: "Bench", DurationMinutes: int(slotLength / time.Minute), HorizonDays: len(v.starts)/slotsADay + 2,
		PartySize: client.PartySize{Min: 1, Max: 1},
		Requires:  []client.Requirement{{Resource: resource, Units: 1, PerPerson: true}},
	})
	return err
}

// bookingOf is the body of a booking of one place at a start.
func bookingOf(start time.Time) client.NewBooking {
	return client.NewBooking{
		Service: service, Start: start, PartySize: 1, Customer: &client.Customer{Name: "Bench", Email: "bench@example.com"},
	}
}

func (s benchVenue) bookingsPath() string { return "/v1/venues/" + s.venue + "/bookings" }
