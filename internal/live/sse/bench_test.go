package sse_test

import (
	"bufio"
	"net"
	"runtime"
	"strings"
	"testing"
)

// What an idle reader costs in memory, its goroutine's stack included. The client's end of each connection is in the same process; it
// is measured by itself, and taken off.
func BenchmarkIdleReaders(b *testing.B) {
	const readers = 2000
	s := newStage(b, now)
	server := s.serve(b)
	address := server.Listener.Addr().String()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = plain.Close() })
	for b.Loop() {
		conns := make([]net.Conn, 0, 3*readers)
		open := func(to string) net.Conn {
			conn, err := net.Dial("tcp", to)
			if err != nil {
				b.Fatal(err)
			}
			conns = append(conns, conn)
			return conn
		}
		bare := memory()
		for range readers {
			open(plain.Addr().String())
			conn, err := plain.Accept()
			if err != nil {
				b.Fatal(err)
			}
			conns = append(conns, conn)
		}
		pairs := memory()
		in := bufio.NewReader(nil)
		for range readers {
			conn := open(address)
			if _, err := conn.Write([]byte("GET " + query + " HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
				b.Fatal(err)
			}
			in.Reset(conn)
			for line := ""; !strings.HasPrefix(line, "data: "); {
				var err error
				if line, err = in.ReadString('\n'); err != nil {
					b.Fatal(err)
				}
			}
		}
		served := memory()
		pair := float64(pairs-bare) / readers
		b.ReportMetric(float64(served-pairs)/readers-pair/2, "B/reader")
		b.ReportMetric(pair/2, "B/plain-conn")
		for _, conn := range conns {
			_ = conn.Close()
		}
		for n := -1; n != 0; {
			n = <-s.Readers
		}
	}
}

// memory is what is in use, stacks included.
func memory() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
