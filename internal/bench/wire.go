package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"
)

// wire is one HTTP/1.1 connection of a load: it sends prepared bytes and reads answers, on the caller's goroutine. The client of
// net/http hands each request to two other goroutines, which costs several times as much; see BenchmarkWire.
type wire struct {
	conn net.Conn
	r    *bufio.Reader
	body []byte
}

// reply is an answer of the server.
type reply struct {
	status     int
	retryAfter time.Duration
	body       []byte // valid until the next request
	last       bool   // the server closes the connection
}

var errReply = errors.New("the server's answer is not HTTP/1.1 as expected")

// dialWire connects to the server at base, for use until the deadline.
func dialWire(ctx context.Context, base *url.URL, deadline time.Time) (*wire, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", hostOf(base))
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &wire{conn: conn, r: bufio.NewReaderSize(conn, 2048)}, nil
}

// do sends a request and reads the answer.
func (w *wire) do(request []byte) (reply, error) {
	if _, err := w.conn.Write(request); err != nil {
		return reply{}, err
	}
	return w.read()
}

func (w *wire) read() (reply, error) {
	line, err := w.r.ReadSlice('\n')
	if err != nil {
		return reply{}, err
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return reply{}, errReply
	}
	var a reply
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return reply{}, errReply
	}
	length, chunked, err := w.header(&a)
	if err != nil {
		return reply{}, err
	}
	w.body = w.body[:0]
	if chunked {
		err = w.chunks()
	} else {
		err = w.append(length)
	}
	a.body = w.body
	return a, err
}

// header reads the fields that matter up to the empty line.
func (w *wire) header(a *reply) (length int, chunked bool, err error) {
	for {
		line, err := w.r.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		name, value, found := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if !found {
			if len(name) > 0 {
				return 0, false, errReply
			}
			return length, chunked, nil
		}
		value = bytes.TrimSpace(value)
		switch {
		case equal(name, "Content-Length"):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, false, errReply
			}
		case equal(name, "Transfer-Encoding"):
			chunked = equal(value, "chunked")
		case equal(name, "Connection"):
			a.last = equal(value, "close")
		case equal(name, "Retry-After"):
			if seconds, err := strconv.Atoi(string(value)); err == nil {
				a.retryAfter = time.Duration(seconds) * time.Second
			}
		}
	}
}

// equal compares without regard to case, and without the conversions of bytes.EqualFold for what differs in length.
func equal(b []byte, s string) bool { return len(b) == len(s) && bytes.EqualFold(b, []byte(s)) }

// chunks reads a chunked body; its trailers are empty.
func (w *wire) chunks() error {
	for {
		line, err := w.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		text, _, _ := bytes.Cut(bytes.TrimSpace(line), []byte(";"))
		size, err := strconv.ParseUint(string(text), 16, 31)
		if err != nil {
			return errReply
		}
		if err := w.append(int(size)); err != nil {
			return err
		}
		if line, err = w.r.ReadSlice('\n'); err != nil {
			return err
		}
		if len(bytes.TrimSpace(line)) > 0 {
			return errReply
		}
		if size == 0 {
			return nil
		}
	}
}

// append reads n more bytes of the body.
func (w *wire) append(n int) error {
	have := len(w.body)
	if have+n > maxReply {
		return errReply
	}
	if cap(w.body) < have+n {
		w.body = append(make([]byte, 0, have+n+512), w.body...)
	}
	w.body = w.body[:have+n]
	_, err := io.ReadFull(w.r, w.body[have:])
	return err
}

// textOf finds the value of a field in a body, which must be a plain text: codes, ids and tokens are.
func textOf(body []byte, name string) string {
	_, rest, found := bytes.Cut(body, []byte(`"`+name+`":"`))
	if !found {
		return ""
	}
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(value)
}
