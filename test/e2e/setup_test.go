package e2e

import (
	"path/filepath"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/test/proc"
)

func TestMain(m *testing.M) { proc.Main(m) }

// serve starts the server on a new database, and ends it with the test.
func serve(t *testing.T) *client.Client {
	t.Helper()
	return proc.Launch(t, "sqlite:"+filepath.Join(t.TempDir(), "v.db")).Client(t)
}

var everyDay = map[string][]string{
	"mon": {"00:00-24:00"}, "tue": {"00:00-24:00"}, "wed": {"00:00-24:00"}, "thu": {"00:00-24:00"},
	"fri": {"00:00-24:00"}, "sat": {"00:00-24:00"}, "sun": {"00:00-24:00"},
}

// class puts a venue "studio" with one class of so many places, every hour of every day.
func class(t *testing.T, c *client.Client, places int) {
	t.Helper()
	classAt(t, c, "studio", places)
}

// classAt puts another such venue.
func classAt(t *testing.T, c *client.Client, venue string, places int) {
	t.Helper()
	ctx := t.Context()
	_, err := c.PutVenue(ctx, client.Venue{
		ID: venue, Name: "Studio", TimeZone: "Europe/Berlin", Contact: client.Contact{Email: "studio@example.com"},
	})
	must(t, err)
	_, err = c.PutResource(ctx, venue, client.Resource{ID: "room", Name: "Room", Capacity: places, Hours: everyDay})
	must(t, err)
	_, err = c.PutService(ctx, venue, client.Service{
		ID: "class", Name: "Class", DurationMinutes: 60, StepMinutes: 60, HoldMinutes: 600, HorizonDays: 700,
		Requires: []client.Requirement{{Resource: "room"}},
	})
	must(t, err)
}

// tomorrow is noon of the next day in Berlin.
func tomorrow() time.Time {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	y, m, d := time.Now().In(zone).Date()
	return time.Date(y, m, d+1, 12, 0, 0, 0, zone)
}

func query() client.Query {
	day := tomorrow().Format(time.DateOnly)
	return client.Query{Venue: "studio", Service: "class", From: day, To: day}
}

func wish() client.NewBooking {
	return client.NewBooking{
		Service: "class", Start: tomorrow(), PartySize: 1, Customer: &client.Customer{Name: "Ada", Email: "ada@example.com"},
	}
}

// slotAt is the slot of that start in what a reader has.
func slotAt(t *testing.T, a client.Availability, start time.Time) client.Slot {
	t.Helper()
	for _, day := range a.Days {
		for _, slot := range day.Slots {
			if slot.Start.Equal(start) {
				return slot
			}
		}
	}
	t.Fatalf("no slot starts at %s", start)
	return client.Slot{}
}

func availability(t *testing.T, c *client.Client, q client.Query) client.Availability {
	t.Helper()
	a, err := c.Availability(t.Context(), q)
	must(t, err)
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
