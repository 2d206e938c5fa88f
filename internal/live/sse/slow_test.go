package sse_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// hijacked is a response whose connection can be taken.
type hijacked struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

func pipe(t *testing.T) (server, client net.Conn) {
	t.Helper()
	server, client = net.Pipe()
	t.Cleanup(func() { _ = client.Close() })
	return server, client
}

// connect opens a stream over a pipe, which has no buffer: what is not read is not written.
func (s *stage) connect(t *testing.T) *client {
	t.Helper()
	c := s.connectWith(t, nil)
	c.next()
	return c
}

// connectWith does so with headers, up to the head of the answer.
func (s *stage) connectWith(t *testing.T, headers http.Header) *client {
	t.Helper()
	server, conn := pipe(t)
	request := httptest.NewRequest(http.MethodGet, query, nil)
	request.Header = headers
	go s.handler.ServeHTTP(hijacked{httptest.NewRecorder(), server}, request)
	c := &client{tb: t, conn: conn, in: bufio.NewReaderSize(conn, 16)}
	c.readHead()
	return c
}

// A comment every fifteen seconds keeps a quiet stream open.
func TestPing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newStage(t, now).connect(t)
		c.next()
		for range 3 {
			began := time.Now()
			if e := c.next(); e.comment != "ping" || time.Since(began) != 15*time.Second {
				t.Errorf("after %v came %+v", time.Since(began), e)
			}
		}
	})
}

// A reader that takes nothing delays nobody, is given up after ten seconds, and leaves nothing behind.
func TestReaderTakesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, now)
		stuck, quick := s.connect(t), s.connect(t)
		quick.next()
		<-s.Readers
		<-s.Readers
		began := time.Now()
		for hour := range 5 {
			s.Book(t, 9+hour, 1)
			if e := quick.next(); e.name != "delta" {
				t.Errorf("the quick reader got %+v", e)
			}
			<-time.After(time.Second)
		}
		if n := <-s.Readers; n != 1 {
			t.Errorf("%d readers", n)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("the stuck reader was given up after %v", took)
		}
		if _, err := io.ReadAll(stuck.conn); err != nil {
			t.Error(err)
		}
	})
}

// A reader that was slow gets the frame that it is in the middle of, and then one with all that it missed.
func TestReaderIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, now)
		c := s.connect(t)
		if _, err := c.in.Peek(1); err != nil { // the snapshot is on its way
			t.Fatal(err)
		}
		for hour := range 8 {
			s.Book(t, 9+hour, 1)
			<-time.After(time.Second)
		}
		if e := c.next(); e.name != "snapshot" || e.id != "e1.1.fj1rs0" {
			t.Errorf("the first event is %+v", e)
		}
		e := c.next()
		if n := len(e.data); e.name != "delta" || e.id != "e1.9.fj1rs0" || n < 8*100 {
			t.Errorf("the next event is %+v", e)
		}
	})
}
