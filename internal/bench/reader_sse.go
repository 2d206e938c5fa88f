package bench

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"vacancy/client"
)

// livePath is the address of the live query.
func (l *liveLoad) livePath(n *node) string {
	q := l.venue.query()
	values := url.Values{
		"venue": {q.Venue}, "service": {q.Service}, "from": {q.From}, "to": {q.To}, "party_size": {strconv.Itoa(q.PartySize)},
	}
	return n.base.EscapedPath() + "/v1/live?" + values.Encode()
}

// followStream reads server-sent events until the connection ends, and returns why it did.
func (l *liveLoad) followStream(conn net.Conn, r *reader) error {
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n\r\n",
		l.livePath(r.node), r.node.base.Host); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream is refused with %s", response.Status)
	}
	frames := client.NewFrameReader(response.Body)
	for {
		frame, err := frames.Next()
		at := time.Now()
		if err != nil {
			return err
		}
		if frame.Kind == goodbye {
			return errGoodbye
		}
		if err := l.apply(r, frame.Kind, frame.Data, at); err != nil {
			return err
		}
	}
}

// goodbye is the kind of frame with which a server ends connections.
const goodbye client.EventKind = "goodbye"

var errGoodbye = errors.New("the server says goodbye")
