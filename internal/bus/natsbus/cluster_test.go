package natsbus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/natsbus"
)

// startCluster starts three servers that know each other.
func startCluster(tb testing.TB) []*broker {
	tb.Helper()
	routes := make([]string, 3)
	for i := range routes {
		routes[i] = "nats://" + freeAddress(tb)
	}
	servers := make([]*broker, len(routes))
	for i := range servers {
		name := fmt.Sprintf("s%d", i)
		servers[i] = startBroker(tb, jetStream+fmt.Sprintf("server_name: %s\ncluster { name: test, listen: %q, routes: [%s] }\n",
			name, strings.TrimPrefix(routes[i], "nats://"), strings.Join(routes, ", ")))
		servers[i].name = name
	}
	return servers
}

// TestClusterLosesItsLeader: with three replicas a server may vanish, the stream's leader too, and nothing that was confirmed is missing.
func TestClusterLosesItsLeader(t *testing.T) {
	t.Parallel()
	servers := startCluster(t)
	urls := make([]string, len(servers))
	for i, s := range servers {
		urls[i] = url(s.address)
	}
	log := bustest.NewLog()
	b := open(t, natsbus.Config{URL: strings.Join(urls, ","), Declare: true, Replicas: 3, Log: log.Logger()})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()

	const venues, size = 3, 5
	var confirmed [venues]atomic.Int64
	stop := make(chan struct{})
	var calls sync.WaitGroup
	for i := range venues {
		calls.Go(func() {
			venue := booking.VenueID(fmt.Sprintf("venue-%d", i))
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := publishAgain(ctx, b, venue, bustest.Events(venue, int(confirmed[i].Load()), size)); err != nil {
					t.Errorf("venue %s: %v\n%s", venue, err, log)
					return
				}
				confirmed[i].Add(size)
			}
		})
	}
	goOn := func(more int64) {
		var want [venues]int64
		for i := range want {
			want[i] = confirmed[i].Load() + more
		}
		await(ctx, t, "more confirmations", func() bool {
			for i := range want {
				if confirmed[i].Load() < want[i] {
					return false
				}
			}
			return true
		})
	}

	goOn(20 * size)
	first := leader(ctx, t, urls)
	killed := slices.IndexFunc(servers, func(s *broker) bool { return s.name == first })
	servers[killed].kill(t)
	goOn(20 * size)
	servers[killed].start(t)
	goOn(5 * size)
	close(stop)
	calls.Wait()
	if strings.Contains(log.String(), "set up otherwise") {
		t.Errorf("a cluster that chooses a leader is no fault of the operator's: %s", log)
	}
	leader(ctx, t, urls) // so that all can be read

	for i := range venues {
		venue := booking.VenueID(fmt.Sprintf("venue-%d", i))
		sent := bustest.Events(venue, 0, int(confirmed[i].Load()))
		await(ctx, t, "all that was confirmed of "+string(venue), func() bool { // a follower may be behind
			messages, err := servers[(killed+1)%len(servers)].read(ctx, venue)
			there := make(map[string]bool)
			for _, m := range messages {
				there[m.Headers[nats.MsgIdHdr]] = true
			}
			missing := slices.ContainsFunc(sent, func(e bus.Event) bool { return !there[e.ID] })
			return err == nil && !missing
		})
	}
}

// publishAgain publishes until the batch is confirmed.
func publishAgain(ctx context.Context, b bus.Bus, venue booking.VenueID, events []bus.Event) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
		_, err := b.Publish(attempt, venue, events)
		cancel()
		if err == nil || ctx.Err() != nil {
			return err
		}
		<-tick.C
	}
}

// leader is the server that leads the stream, once both others follow.
func leader(ctx context.Context, t *testing.T, urls []string) (name string) {
	t.Helper()
	js := api(t, strings.TrimPrefix(strings.Join(urls, ","), "nats://"+user+":"+password+"@"))
	await(ctx, t, "a leader and two that follow it", func() bool {
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		s, err := js.Stream(attempt, "VACANCY")
		if err != nil {
			return false
		}
		cluster := s.CachedInfo().Cluster
		name = cluster.Leader
		follows := func(peer *jetstream.PeerInfo) bool { return peer.Current && !peer.Offline }
		return name != "" && len(cluster.Replicas) == 2 && follows(cluster.Replicas[0]) && follows(cluster.Replicas[1])
	})
	return name
}

func await(ctx context.Context, t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(errors.Join(errors.New(what), ctx.Err()))
		}
	}
}
