package webhook_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/webhook"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest"
	"vacancy/internal/store/storetest/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	bustest.Run(t, harness())
}

// inbox is what a receiver has got, by path.
type inbox struct {
	mu  sync.Mutex
	all map[string][]bustest.Message
}

func (i *inbox) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	m := bustest.Message{Address: r.URL.Path, Headers: make(map[string]string), Body: body}
	for name := range r.Header {
		m.Headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.all[r.URL.Path] = append(i.all[r.URL.Path], m)
}

func (i *inbox) messages(path string) []bustest.Message {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]bustest.Message(nil), i.all[path]...)
}

// settingUp is a bus that gives each venue its endpoint before the first event, as an operator would have.
type settingUp struct {
	*webhook.Bus
	store *memory.Store
	url   string
	done  sync.Map
}

func (b *settingUp) Publish(ctx context.Context, venue booking.VenueID, events []bus.Event) (bus.Receipt, error) {
	if _, done := b.done.LoadOrStore(venue, true); !done {
		setup := context.WithoutCancel(ctx)
		err := storetest.TryChange(setup, b.store, store.Need{Venue: venue}, func(d *storetest.Draft) error {
			if !d.Found.Exists {
				d.PutCatalogue()
			}
			return nil
		})
		_, _, _, putErr := b.PutEndpoint(setup, venue, door, webhook.Settings{URL: b.url + "/" + string(venue), Enabled: true})
		if err := errors.Join(err, putErr); err != nil {
			return bus.Receipt{}, err
		}
	}
	return b.Bus.Publish(ctx, venue, events)
}

func harness() bustest.Harness {
	received, data := &inbox{all: make(map[string][]bustest.Message)}, memory.NewData()
	var url string
	return bustest.Harness{
		Start: func(tb testing.TB) bustest.Broker {
			tb.Helper()
			server := httptest.NewServer(received)
			tb.Cleanup(server.Close)
			url = server.URL
			return bustest.Broker{
				Messages: func(_ testing.TB, venue booking.VenueID) []bustest.Message {
					return received.messages("/" + string(venue))
				},
			}
		},
		Open: func(tb testing.TB, _ bustest.Broker, client bustest.Client) bus.Bus {
			tb.Helper()
			s := memory.Open(memory.Config{Data: data, Now: time.Now})
			log := client.Log
			if log == nil {
				log = slog.New(slog.DiscardHandler)
			}
			b := webhook.New(webhook.Config{Store: s, AllowedNetworks: []netip.Prefix{loopback}, Log: log})
			ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
			var running sync.WaitGroup
			running.Go(func() { b.Run(ctx) })
			tb.Cleanup(func() {
				_ = b.Close()
				cancel()
				running.Wait()
			})
			return &settingUp{Bus: b, store: s, url: url}
		},
		Address:  func(e *bus.Event) string { return "/" + string(e.Venue) },
		Headers:  func(e *bus.Event) map[string]string { return map[string]string{"webhook-id": e.ID} },
		TooLarge: bus.MaxEventSize + 1,
	}
}
