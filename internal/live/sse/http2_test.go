package sse_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections are pipes: in a bubble, all their time is the bubble's.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// serveHTTP2 serves the stage over HTTP/2 as the program does, with a server's write timeout; and returns a client whose streams take at
// most 64 KB that nobody has read.
func (s *stage) serveHTTP2(t *testing.T) *http.Client {
	t.Helper()
	listener := make(pipes)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: s, WriteTimeout: 30 * time.Second, ReadHeaderTimeout: time.Second, Protocols: protocols}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{
		Protocols: protocols, DisableCompression: true, HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10},
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			listener <- ours
			return theirs, nil
		},
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-served //nolint:errcheck // it was told to end
	})
	return &http.Client{Transport: transport}
}

// open opens a stream, and returns its body.
func open(t *testing.T, client *http.Client, target string) *bufio.Reader {
	t.Helper()
	response, err := client.Get("http://test" + target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.ProtoMajor != 2 {
		t.Fatalf("the protocol is %s", response.Proto)
	}
	return bufio.NewReaderSize(response.Body, 16)
}

// Over HTTP/2 a quiet stream stays open longer than any timeout of the server and of a frame, and then gets what changes.
func TestHTTP2StreamStaysOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, now)
		in := open(t, s.serveHTTP2(t), query)
		for _, want := range []string{"", "snapshot"} {
			if e, err := read(in); err != nil || e.name != want {
				t.Fatalf("%+v, %v", e, err)
			}
		}
		for range 8 {
			if e, err := read(in); err != nil || e.comment != "ping" {
				t.Fatalf("%+v, %v", e, err)
			}
		}
		s.Book(t, 10, 1)
		if e, err := read(in); err != nil || e.name != "delta" {
			t.Errorf("%+v, %v", e, err)
		}
	})
}

// A reader of HTTP/2 that takes nothing is given up, and one that shares its connection goes on.
func TestHTTP2ReaderTakesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, now)
		client := s.serveHTTP2(t)
		quick := open(t, client, query)
		open(t, client, "/v1/live?venue=ferry&service=trip&from=2000-01-02&to=2000-03-02") // more than its window takes
		for range 2 {
			if _, err := read(quick); err != nil {
				t.Fatal(err)
			}
		}
		<-s.Readers
		if n := <-s.Readers; n != 2 {
			t.Fatalf("%d readers", n)
		}
		began := time.Now()
		for hour := range 5 {
			s.Book(t, 9+hour, 1)
			if e, err := read(quick); err != nil || e.name != "delta" {
				t.Fatalf("the quick reader got %+v, %v", e, err)
			}
			<-time.After(time.Second)
		}
		if n := <-s.Readers; n != 1 {
			t.Errorf("%d readers", n)
		}
		if took := time.Since(began); took < 9*time.Second || took > 21*time.Second {
			t.Errorf("the stuck reader was given up after %v", took)
		}
		s.Book(t, 15, 1)
		if e, err := read(quick); err != nil || e.name != "delta" && e.comment != "ping" {
			t.Errorf("the quick reader got %+v, %v", e, err)
		}
	})
}

// A slow reader of HTTP/2 gets a large frame whole, however long it takes within the frame's minute.
func TestHTTP2ReaderIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, now)
		in := open(t, s.serveHTTP2(t), "/v1/live?venue=ferry&service=trip&from=2000-01-02&to=2000-03-02")
		began, got := time.Now(), make([]byte, 0, 200<<10)
		piece := make([]byte, 4<<10)
		for len(got) < 96<<10 {
			n, err := in.Read(piece)
			if err != nil {
				t.Fatalf("after %v and %d bytes: %v", time.Since(began), len(got), err)
			}
			got = append(got, piece[:n]...)
			<-time.After(1500 * time.Millisecond)
		}
		if took := time.Since(began); took < 30*time.Second {
			t.Errorf("it took only %v", took)
		}
		s.Book(t, 10, 1)
		for line := ""; line != "event: delta\n"; {
			var err error
			if line, err = in.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
	})
}
