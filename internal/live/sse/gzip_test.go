package sse_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A reader that takes gzip gets the same events, each as soon as it is sent; and one that does not gets them as they are.
func TestGzip(t *testing.T) {
	t.Parallel()
	s := newStage(t, now)
	server := s.serve(t)
	c := connectTo(t, server)
	c.send(query, "Accept-Encoding: gzip, deflate, br")
	c.readHead()
	if c.head.Get("Content-Encoding") != "gzip" || c.head.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("the head is %v", c.head)
	}
	unzip(c)
	plain := dial(t, server, query)
	if plain.head.Get("Content-Encoding") != "" || plain.head.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("the head is %v", plain.head)
	}
	if e := c.next(); e.comment != "ok" || len(e.retry) != 4 {
		t.Fatalf("the stream begins with %+v", e)
	}
	for i := range 5 {
		if i > 0 {
			s.Book(t, 8+i, 1)
		}
		if got, want := c.next(), plain.next(); got != want || got.name == "" {
			t.Fatalf("it got\n%+v\nand not\n%+v", got, want)
		}
	}
	go func() { _ = s.handler.Close(context.Background()) }()
	if e := c.next(); e.name != "goodbye" {
		t.Errorf("the last event is %+v", e)
	}
	if _, err := c.in.ReadByte(); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("it ends with %v", err)
	}
}

// unzip has the client read the rest of what it gets through gzip.
func unzip(c *client) {
	c.tb.Helper()
	zipped, err := gzip.NewReader(c.in)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.in = bufio.NewReaderSize(zipped, 16)
}

// The comments of a quiet stream are compressed too.
func TestGzipPing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, now)
		c := s.connectWith(t, http.Header{"Accept-Encoding": {"gzip"}})
		unzip(c)
		for _, want := range []string{"ok", "", "ping", "ping"} {
			if e := c.next(); e.comment != want {
				t.Errorf("%+v, and not %q", e, want)
			}
		}
		<-time.After(time.Second)
	})
}
