package client

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// FeedQuery asks for events of a venue. It needs a key.
type FeedQuery struct {
	Venue string
	// After is the cursor of the page before; "" begins now.
	After string
	// Limit is about the most events of a page; zero is the server's.
	Limit int
	// Wait is how long the server may wait for an event, in whole seconds. It must be less than the HTTP client's own timeout, which is 30 s.
	Wait time.Duration
}

// FeedPage is a page of events. docs/events.md has the rules by which a copy that is made of them stays right.
type FeedPage struct {
	Events []VenueEvent `json:"events"`
	// Cursor is where the next page begins. Keep it with what was made of the events.
	Cursor string `json:"cursor"`
	// AtLeast is for [Query.AtLeast], so that an answer holds all that is told up to here.
	AtLeast string `json:"at_least"`
	// More tells that there is more at once.
	More bool `json:"more"`
}

// VenueEvent tells a change of a venue to other systems: a CloudEvent.
type VenueEvent struct {
	ID string `json:"id"`
	// Type is such as "vacancy.booking.confirmed.v1".
	Type string `json:"type"`
	// Subject is the booking or the service that the event is of; "" if it is of the venue.
	Subject string    `json:"subject"`
	Time    time.Time `json:"time"`
	// Epoch is the history of the database. Term, Revision and Index order the events of a subject.
	Epoch    string          `json:"epoch"`
	Term     int64           `json:"term,string"`
	Revision uint64          `json:"revision,string"`
	Index    int             `json:"index,string"`
	Data     json.RawMessage `json:"data"`
}

// Events gets the next page of a venue's events.
func (c *Client) Events(ctx context.Context, q FeedQuery, options ...CallOption) (FeedPage, error) {
	values := make(url.Values)
	if q.After != "" {
		values.Set("after", q.After)
	}
	if q.Limit > 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	if q.Wait >= time.Second {
		values.Set("wait", strconv.Itoa(int(q.Wait/time.Second)))
	}
	path := venuePath(q.Venue, "events")
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	page, _, err := read[FeedPage](ctx, c, newCall(http.MethodGet, path, options))
	return page, err
}

// Feed follows the events of a venue for as long as the caller ranges on:
//
//	for page, err := range c.Feed(ctx, client.FeedQuery{Venue: "fade-house", After: cursor}) {
//		if err != nil {
//			return err // the server refuses, or ctx is done
//		}
//		save(page.Events, page.Cursor)
//	}
//
// A page without events is handed out only if its cursor is another than the last. While the server cannot be reached, Feed tries again and
// again, a little later each time.
func (c *Client) Feed(ctx context.Context, q FeedQuery) iter.Seq2[FeedPage, error] {
	if q.Wait == 0 {
		q.Wait = feedWait
	}
	return func(yield func(FeedPage, error) bool) {
		for failures := 0; ; {
			page, err := c.Events(ctx, q)
			problem, refused := errors.AsType[*Problem](err)
			switch {
			case ctx.Err() != nil:
				yield(FeedPage{}, context.Cause(ctx))
				return
			case refused && !temporary(problem.Status):
				yield(FeedPage{}, err)
				return
			case err != nil:
				failures++
				var wait time.Duration
				if refused {
					wait = problem.RetryAfter
				}
				if err := c.pause(ctx, max(wait, backoff(failures))); err != nil {
					yield(FeedPage{}, err)
					return
				}
				continue
			}
			failures = 0
			if page.Cursor != q.After && !yield(page, nil) {
				return
			}
			q.After = page.Cursor
			if len(page.Events) == 0 && !page.More { // a server that stops does not wait
				if err := c.pause(ctx, backoff(1)); err != nil {
					yield(FeedPage{}, err)
					return
				}
			}
		}
	}
}
