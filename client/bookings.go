package client

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// BookingsQuery narrows a list of bookings. The zero value lists all.
type BookingsQuery struct {
	// From and To are dates on the venue's calendar, both included.
	From, To string
	// Statuses keeps bookings of these; none keeps all.
	Statuses []BookingStatus
	// PageSize is how many bookings the server sends at a time; zero leaves it to the server.
	PageSize int
}

// Bookings lists the bookings of a venue, page after page as the caller ranges on. It needs a key. An error ends the list.
func (c *Client) Bookings(ctx context.Context, venue string, q BookingsQuery) iter.Seq2[Booking, error] {
	return func(yield func(Booking, error) bool) {
		for path := venuePath(venue, "bookings") + q.encode(); path != ""; {
			page, answer, err := read[struct{ Bookings []Booking }](ctx, c, newCall(http.MethodGet, path, nil))
			if err == nil {
				path, err = c.nextPage(path, answer.header)
			}
			for _, b := range page.Bookings {
				if !yield(b, nil) {
					return
				}
			}
			if err != nil {
				yield(Booking{}, err)
				return
			}
		}
	}
}

func (q BookingsQuery) encode() string {
	statuses := make([]string, len(q.Statuses))
	for i, status := range q.Statuses {
		statuses[i] = string(status)
	}
	values := make(url.Values)
	for name, value := range map[string]string{"from": q.From, "to": q.To, "status": strings.Join(statuses, ",")} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.PageSize > 0 {
		values.Set("limit", strconv.Itoa(q.PageSize))
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// nextPage is the path of the link with rel="next", or "". Links to another host are refused: they would get the key.
func (c *Client) nextPage(path string, header http.Header) (string, error) {
	link := nextLink(header)
	if link == "" {
		return "", nil
	}
	current, err := url.Parse(c.base.String() + path)
	if err != nil {
		return "", err
	}
	next, err := current.Parse(link)
	if err != nil || next.Host != c.base.Host || !strings.HasPrefix(next.EscapedPath(), c.base.EscapedPath()) {
		return "", fmt.Errorf("the link to the next page, %q, does not belong to this server", link)
	}
	return strings.TrimPrefix(next.RequestURI(), c.base.EscapedPath()), nil
}

// nextLink finds the target of rel="next" among the Link headers of RFC 8288.
func nextLink(header http.Header) string {
	for _, value := range header.Values("Link") {
		for value != "" {
			open, end := strings.IndexByte(value, '<'), strings.IndexByte(value, '>')
			if open < 0 || end < open {
				break
			}
			target := value[open+1 : end]
			parameters, rest, _ := strings.Cut(value[end+1:], ",")
			for parameter := range strings.SplitSeq(parameters, ";") {
				name, rel, _ := strings.Cut(strings.TrimSpace(parameter), "=")
				if strings.EqualFold(name, "rel") && strings.Trim(rel, `"`) == "next" {
					return target
				}
			}
			value = rest
		}
	}
	return ""
}
