package live_test

import (
	"bytes"
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
		n, err := live.WriteWithDeadline(server, frame)
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
		n, err := live.WriteWithDeadline(server, make([]byte, 1000))
		if n != 100 || !os.IsTimeout(err) {
			t.Errorf("wrote %d: %v", n, err)
		}
		// The first deadline found progress.
		if took := time.Since(began); took != 2*live.WriteStallTimeout {
			t.Errorf("it took %v", took)
		}
	})
}
