package live_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/live"
)

// A reader that takes something every nine seconds gets a large frame whole, however long that takes.
func TestWriteIsPatient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		frame := bytes.Repeat([]byte("0123456789abcdef"), 4<<10) // four pieces
		got := make(chan []byte)
		go func() {
			var all []byte
			for b := make([]byte, 10_000); ; {
				n, err := client.Read(b)
				all = append(all, b[:n]...)
				if err != nil {
					got <- all
					return
				}
				<-time.After(9 * time.Second)
			}
		}()
		began := time.Now()
		n, err := live.NewBacklog(1<<20).Write(server, frame, nil)
		if n != len(frame) || err != nil {
			t.Errorf("wrote %d of %d: %v", n, len(frame), err)
		}
		if took := time.Since(began); took < 5*live.WriteStallTimeout {
			t.Errorf("it took only %v", took)
		}
		_ = server.Close()
		if !bytes.Equal(<-got, frame) {
			t.Error("the reader got something else")
		}
	})
}

// A reader that takes nothing is given up after ten seconds.
func TestWriteGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		defer server.Close()
		go func() { _, _ = io.ReadFull(client, make([]byte, 100)) }()
		began := time.Now()
		n, err := live.NewBacklog(1<<20).Write(server, make([]byte, 1000), nil)
		if n != 100 || !os.IsTimeout(err) {
			t.Errorf("wrote %d: %v", n, err)
		}
		// The first deadline found progress.
		if took := time.Since(began); took != 2*live.WriteStallTimeout {
			t.Errorf("it took %v", took)
		}
	})
}

// A reader that takes a byte now and then has a minute for a frame, and no more: what waits for it is free again.
func TestFrameHasATotalDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, client := net.Pipe()
		defer client.Close()
		defer server.Close()
		go func() {
			for b := make([]byte, 1); ; {
				if _, err := client.Read(b); err != nil {
					return
				}
				<-time.After(3 * time.Second)
			}
		}()
		backlog := live.NewBacklog(1 << 30)
		began := time.Now()
		n, err := backlog.Write(server, make([]byte, 1000), nil)
		if n >= 1000 || !errors.Is(err, live.ErrSlow) && !os.IsTimeout(err) {
			t.Errorf("wrote %d: %v", n, err)
		}
		if took := time.Since(began); took != live.FrameTimeout || backlog.Bytes() != 0 {
			t.Errorf("it took %v, and %d bytes wait", took, backlog.Bytes())
		}
		_ = server.Close()
		wait(time.Minute) // until the reader has seen that it is over
	})
}

// When too much waits for readers, the slow ones are given up, and the others are served. Bytes that readers share count once.
func TestBacklogIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const size = 100 << 10
		backlog, shared := live.NewBacklog(5*size/2), new(live.Frame)
		write := func(f *live.Frame, pace time.Duration) <-chan error {
			server, client := net.Pipe()
			t.Cleanup(func() { _ = client.Close() })
			done := make(chan error, 1)
			go func() {
				_, err := backlog.Write(server, make([]byte, size), f)
				_ = server.Close()
				done <- err
			}()
			go func() {
				for b := make([]byte, 8<<10); ; {
					if _, err := client.Read(b); err != nil {
						return
					}
					<-time.After(pace)
				}
			}()
			return done
		}
		first, second := write(shared, time.Second), write(shared, time.Second)
		<-time.After(6 * time.Second)
		if n := backlog.Bytes(); n != size {
			t.Errorf("%d bytes wait, of one frame", n)
		}
		if err1, err2 := <-first, <-second; err1 != nil || err2 != nil { // slow, but there is room
			t.Errorf("%v, %v", err1, err2)
		}
		var slow []<-chan error
		for range 3 {
			slow = append(slow, write(nil, time.Second))
		}
		if err := <-write(nil, time.Millisecond); err != nil {
			t.Errorf("the quick reader got %v", err)
		}
		refused := 0
		for _, done := range slow {
			if err := <-done; errors.Is(err, live.ErrSlow) {
				refused++
			}
		}
		if refused == 0 || refused == len(slow) { // as many as it takes
			t.Errorf("%d of the slow readers were given up", refused)
		}
		if n := backlog.Bytes(); n != 0 {
			t.Errorf("in the end %d bytes wait", n)
		}
		wait(time.Minute) // until the readers have seen that it is over
	})
}
