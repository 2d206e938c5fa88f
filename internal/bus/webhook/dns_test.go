package webhook_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/netip"
	"sync"
	"testing"
)

var quiet = log.New(io.Discard, "", 0)

// answering is a resolver that answers each question for IPv4 with the next of the addresses, and then always with the last; if there are
// none, names do not exist.
func answering(t *testing.T, addrs []netip.Addr) *net.Resolver {
	t.Helper()
	var mu sync.Mutex
	return resolver(t, func() []netip.Addr {
		mu.Lock()
		defer mu.Unlock()
		if len(addrs) == 0 {
			return nil
		}
		next := addrs[:1]
		if len(addrs) > 1 {
			addrs = addrs[1:]
		}
		return next
	})
}

// answeringAll answers each question with all addresses.
func answeringAll(t *testing.T, addrs ...netip.Addr) *net.Resolver {
	t.Helper()
	return resolver(t, func() []netip.Addr { return addrs })
}

// resolver asks a DNS server of the test's own.
func resolver(t *testing.T, answers func() []netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	var serving sync.WaitGroup
	serving.Go(func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(reply(buf[:n], answers), from)
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		serving.Wait()
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp4", conn.LocalAddr().String())
	}}
}

// reply answers a DNS query of one question.
func reply(query []byte, answers func() []netip.Addr) []byte {
	const header = 12
	end := header
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5 // the root's label, type and class
	isA := query[end-4] == 0 && query[end-3] == 1
	var addrs []netip.Addr
	exists := true
	if isA {
		addrs = answers()
		exists = len(addrs) > 0
	}
	b := []byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, byte(len(addrs)), 0, 0, 0, 0}
	if !exists {
		b[3] |= 3 // the name does not exist
	}
	b = append(b, query[header:end]...)
	for _, addr := range addrs {
		b = append(b, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		b = append(b, addr.AsSlice()...)
	}
	return b
}
