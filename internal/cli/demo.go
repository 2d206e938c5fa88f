package cli

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"vacancy/client"
	"vacancy/client/venuefile"
	"vacancy/examples"
	"vacancy/internal/app"
)

// demoDatabase keeps the example venues apart from those of an owner who tries both in one directory.
const demoDatabase = "sqlite:vacancy-demo.db"

// AfterApply gives the demo its own database, unless one is named.
func (c *serveCommand) AfterApply(parsed *kong.Context) error {
	named := os.Getenv("VACANCY_DATABASE") != "" || slices.ContainsFunc(parsed.Path, func(p *kong.Path) bool {
		return p.Flag != nil && p.Flag.Name == "database"
	})
	if c.Demo && !named {
		c.Database, c.demoDatabase = demoDatabase, true
	}
	return nil
}

// setUpDemo applies the example files through the server's own API, as `vacancy apply` does. A venue that is new also gets
// bookings, so that its calendar looks like one in use.
func setUpDemo(ctx context.Context, server *app.App) ([]client.Venue, error) {
	key, err := server.IssueKey(ctx, "demo")
	if err != nil {
		return nil, err
	}
	c, err := client.New(server.URL(), client.WithKey(key), client.WithHTTPClient(server.LocalClient()))
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(examples.Venues, "venues/*.yaml")
	if err != nil {
		return nil, err
	}
	var venues []client.Venue
	for _, name := range files {
		data, err := examples.Venues.ReadFile(name)
		if err != nil {
			return nil, err
		}
		document, err := venuefile.Parse(name, data)
		if err != nil {
			return nil, err
		}
		report, err := venuefile.Apply(ctx, c, document, venuefile.Options{})
		if err != nil {
			return nil, err
		}
		if report.Items[0].Action == venuefile.Created {
			if err := bookDemo(ctx, c, document); err != nil {
				return nil, err
			}
		}
		venues = append(venues, document.Venue)
	}
	return venues, nil
}

// bookDemo fills the next days of a venue's services: some slots not at all, some partly, some to the last place.
func bookDemo(ctx context.Context, c *client.Client, d venuefile.Document) error {
	zone, err := time.LoadLocation(d.Venue.TimeZone)
	if err != nil {
		return err
	}
	today := time.Now().In(zone)
	requests := make(chan client.NewBooking)
	var failed error
	var once sync.Once
	var booking sync.WaitGroup
	for range demoClients {
		booking.Go(func() {
			for request := range requests {
				_, err := c.Book(ctx, d.Venue.ID, request)
				// Services share resources, so what was free when it was listed may be taken by now. That is no failure.
				if _, refused := errors.AsType[*client.Problem](err); err != nil && !refused {
					once.Do(func() { failed = err })
				}
			}
		})
	}
	for _, s := range d.Services {
		a, err := c.Availability(ctx, client.Query{
			Venue: d.Venue.ID, Service: s.ID, PartySize: s.PartySize.Min,
			From: today.Format(time.DateOnly), To: today.AddDate(0, 0, demoDays-1).Format(time.DateOnly),
		})
		if err != nil {
			once.Do(func() { failed = err })
			break
		}
		for _, day := range a.Days {
			var until time.Time
			for _, slot := range day.Slots {
				if slot.Start.Before(until) {
					continue // starts may be nearer to each other than bookings are long
				}
				until = slot.End
				for _, request := range demoBookings(s, slot) {
					requests <- request
				}
			}
		}
	}
	close(requests)
	booking.Wait()
	return failed
}

// demoBookings are the bookings that fill a slot as much as its place in the calendar wants, the same at every start.
func demoBookings(s client.Service, slot client.Slot) (bookings []client.NewBooking) {
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, s.ID, slot.Start.Unix())
	tenths := []int{0, 0, 0, 0, 2, 4, 6, 7, 9, 10}[h.Sum32()%10]
	left := slot.Remaining * tenths / 10
	perPerson := len(s.Requires) > 0 && s.Requires[0].PerPerson
	for n := 0; left > 0; n++ {
		party, takes := max(s.PartySize.Min, 1), 1
		if perPerson {
			party = min(max(s.PartySize.Max, 1), left)
			takes = party
		}
		left -= takes
		bookings = append(bookings, client.NewBooking{
			Service: s.ID, Start: slot.Start, PartySize: party,
			Customer: &client.Customer{Name: fmt.Sprintf("Demo customer %d", n+1), Email: "demo@example.com"},
		})
	}
	return bookings
}
