package rabbittest_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// TestBroker: a node keeps what it has, and its address, over each way to end it.
func TestBroker(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Start(t)
	url := broker.VirtualHost(t)
	name := url[strings.LastIndex(url, "/")+1:]
	address := broker.Address()
	for what, end := range map[string]func(){
		"a kill": func() { broker.Kill(t); broker.Start(t) },
		// Neither is an error: a test may clean up without knowing how far it came.
		"a stop": func() { broker.Stop(t); broker.Kill(t); broker.Start(t); broker.Start(t) },
	} {
		end()
		if hosts := broker.Evaluate(t, "rabbit_vhost:list_names()"); !strings.Contains(hosts, name) {
			t.Errorf("after %s: %s is not among the virtual hosts %s", what, name, hosts)
		}
		if greeting := ask(t, address); greeting == "" {
			t.Errorf("after %s: nobody answers at %s", what, address)
		}
	}
	broker.Freeze(t)
	if greeting := ask(t, address); greeting != "" {
		t.Errorf("a frozen broker answers %q", greeting)
	}
	broker.Thaw(t)
	if greeting := ask(t, address); greeting == "" {
		t.Error("a broker that goes on is silent")
	}
	broker.Stop(t)
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
		t.Error("a stopped broker listens")
		_ = conn.Close()
	}
}

// ask is what a broker answers to the header of a protocol that it does not know: that of its own; empty if it answers nothing.
func ask(t *testing.T, address string) string {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("AMQP\x00\x09\x09\x09")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 8)
	n, _ := conn.Read(answer) // a deadline is an answer too
	return string(answer[:n])
}
