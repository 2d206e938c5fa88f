package rabbitbus_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// TestOperatorClosesConnections: the reason is in the log, and the next events go over a new connection.
func TestOperatorClosesConnections(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	url := broker.VirtualHost(t)
	log := bustest.NewLog()
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Queue: "all", Log: log.Logger()})
	for i := range 3 {
		publishUntilConfirmed(t, b, bustest.Event("yoga", i))
		broker.CloseConnections(t, hostOf(t, url), "maintenance tonight")
	}
	publishUntilConfirmed(t, b, bustest.Event("yoga", 3))
	if !strings.Contains(log.String(), "is lost") || !strings.Contains(log.String(), "maintenance tonight") {
		t.Errorf("the log does not say why: %s", log)
	}
	if n := strings.Count(log.String(), "connected to RabbitMQ"); n < 4 {
		t.Errorf("the log tells of %d connections: %s", n, log)
	}
	all := consumeAll(t, url, "all")
	for i := range 4 {
		awaitMessage(t, all, bustest.Event("yoga", i).ID)
	}
}

// TestCredentialsExpire: a password that is no longer valid is told of when the connection ends.
func TestCredentialsExpire(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	url := asUser(t, broker, broker.VirtualHost(t), &rabbittest.Everything)
	log := bustest.NewLog()
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Log: log.Logger()})
	publishUntilConfirmed(t, b, bustest.Event("yoga", 0))
	broker.ChangePassword(t, userOf(t, url), "another")
	publishUntilConfirmed(t, b, bustest.Event("yoga", 1)) // who is logged in stays so
	broker.CloseConnections(t, hostOf(t, url), "expired")
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	var err error
	for !errors.Is(err, bus.ErrMisconfigured) && ctx.Err() == nil {
		_, err = b.Publish(ctx, "yoga", bustest.Events("yoga", 2, 1))
	}
	for where, text := range map[string]string{"error": errorText(err), "health": errorText(b.Health()), "log": log.String()} {
		if !strings.Contains(text, "has expired") || strings.Contains(text, password) {
			t.Errorf("the %s is %s", where, text)
		}
	}
}

// TestCallersWhoLeave take no channel with them, and what they had sent in part is not in the way of others.
func TestCallersWhoLeave(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	url := broker.VirtualHost(t)
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Queue: "all", Channels: 2, Log: bustest.NewLog().Logger()})
	publishUntilConfirmed(t, b, bustest.Event("yoga", 0))
	var calls sync.WaitGroup
	for i := range 40 {
		calls.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*500*time.Microsecond)
			defer cancel()
			_, err := b.Publish(ctx, "others", bustest.Events("others", 0, bus.MaxBatch))
			if err != nil && !errors.Is(err, bus.ErrUnavailable) {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	publish(t, b, bus.Receipt{}, bustest.Events("yoga", 1, 5))
	channels := func() string {
		return broker.Evaluate(t, `[N || [{vhost, <<"`+hostOf(t, url)+`">>}, {channels, N}] <- `+
			`rabbit_networking:connection_info_all([vhost, channels])]`)
	}
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	for now := channels(); now != "[1]" && now != "[2]"; now = channels() {
		if pause(ctx, 10*time.Millisecond); ctx.Err() != nil {
			t.Fatalf("the broker has %s channels open, want 2 at most", now)
		}
	}
}

// TestSilentQueue: a quorum queue that answers nothing, as one without a majority, does not confirm. When it answers again, all goes on.
func TestSilentQueue(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	url := broker.VirtualHost(t)
	b := openBus(t, rabbitbus.Config{URL: url, Declare: true, Queue: "all", Channels: 2, Log: bustest.NewLog().Logger()})
	publishUntilConfirmed(t, b, bustest.Event("yoga", 0))
	process := "list_to_atom(\"" + hostOf(t, url) + "_all\")"
	broker.Evaluate(t, "sys:suspend("+process+")")
	for i := range 8 { // more than there are channels
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, err := b.Publish(ctx, "yoga", bustest.Events("yoga", i, 3))
		cancel()
		if !errors.Is(err, bus.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
	}
	broker.Evaluate(t, "sys:resume("+process+")")
	for i := range 8 {
		publishUntilConfirmed(t, b, bustest.Event("yoga", i))
	}
}

// TestOutageIsLoggedOnce: not at each attempt to connect.
func TestOutageIsLoggedOnce(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	var attempts sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		attempts.Wait()
	})
	seen := make(chan struct{}, 100)
	attempts.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
			seen <- struct{}{}
		}
	})
	log := bustest.NewLog()
	openBus(t, rabbitbus.Config{URL: "amqp://relay:secret@" + listener.Addr().String() + "/", Log: log.Logger()})
	for range 5 {
		<-seen
	}
	told := make(map[string]bool) // a connection that is closed at once is told of in several ways
	for line := range strings.Lines(log.String()) {
		_, reason, _ := strings.Cut(line, "error=")
		if told[reason] {
			t.Errorf("told of twice: %s", line)
		}
		told[reason] = true
	}
	if len(told) == 0 {
		t.Error("the log says nothing")
	}
}
