package ws_test

import (
	"bufio"
	"io"
	"net"
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

func newReader(r io.Reader) *bufio.Reader { return bufio.NewReader(r) }

// A ping every fifteen seconds; a client that answers stays, and one that is silent for forty-five is gone.
func TestPing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, now)
		lively := s.connect(t, query, func(*connection) {})
		lively.gets(`{"type":"snapshot"`)
		silent := s.connect(t, query, func(c *connection) { c.answers = false })
		silent.gets(`{"type":"snapshot"`)
		<-s.Readers
		<-s.Readers
		began := time.Now()
		if n := <-s.Readers; n != 1 || time.Since(began) != 45*time.Second {
			t.Errorf("%d readers after %v", n, time.Since(began))
		}
		<-time.After(time.Minute + time.Second)
		if n := len(lively.pings); n != 7 {
			t.Errorf("%d pings in 105 seconds", n)
		}
	})
}

// A reader that takes nothing delays nobody, and is given up soon.
func TestReaderTakesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, now)
		quick := s.connect(t, query, func(*connection) {})
		quick.gets(`{"type":"snapshot"`)
		stuck := s.connect(t, "", func(c *connection) { c.messages = make(chan string) })
		stuck.say(subscribe) // its reading stops at the snapshot, for nobody takes it
		<-s.Readers
		<-s.Readers
		<-time.After(time.Second)
		began := time.Now()
		for hour := range 5 {
			s.Book(t, 9+hour, 1)
			quick.gets(`{"type":"delta"`)
			<-time.After(time.Second)
		}
		if n := <-s.Readers; n != 1 {
			t.Errorf("%d readers", n)
		}
		// Ten seconds after it last took something; but the first deadline, which covers that, does not tell when it was.
		if took := time.Since(began); took < 10*time.Second || took > 20*time.Second {
			t.Errorf("the stuck reader was given up after %v", took)
		}
		for range stuck.messages {
		}
	})
}
