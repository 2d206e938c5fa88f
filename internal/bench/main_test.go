package bench

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vacancy/client"
)

// fakeServer makes the test binary be a server, as the program is when a benchmark starts it.
const fakeServer = "BENCH_TEST_SERVER"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeServer); mode != "" {
		os.Exit(serveFake(mode)) //nolint:forbidigo // this is a main
	}
	goleak.VerifyTestMain(m)
}

// serveFake is a fake that is ready at the second look, and keeps what was booked in its database until it is started again. It
// ends when it is told to.
func serveFake(mode string) int {
	if mode == "broken" {
		_, _ = os.Stderr.WriteString("the database is on fire")
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	f := makeFake(faults{lie: mode == "lying"}, os.Getenv("VACANCY_ADMIN_KEY"))
	file, persistent := strings.CutPrefix(os.Getenv("VACANCY_DATABASE"), "sqlite:")
	persistent = persistent && mode != "forgetful"
	if persistent {
		f.load(file)
	}
	mux := http.NewServeMux()
	f.routes(mux)
	mux.HandleFunc("GET /environment", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, os.Environ()) })
	var requests atomic.Int64
	server := &http.Server{
		Addr: os.Args[slices.Index(os.Args, "--listen")+1], ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if requests.Add(1) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			mux.ServeHTTP(w, r)
		}),
	}
	closed := make(chan struct{})
	go func() {
		<-ctx.Done()
		_ = server.Close()
		close(closed)
	}()
	_ = server.ListenAndServe()
	<-closed
	if persistent {
		f.save(file)
	}
	return 0
}

// kept is what a fake keeps while it does not run.
type kept struct {
	Requests int
	Capacity map[string]int
	Bookings map[string][]client.Booking
}

func (f *fake) save(file string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := kept{f.requests, f.capacity, make(map[string][]client.Booking)}
	for venue, bookings := range f.bookings {
		for _, b := range bookings {
			k.Bookings[venue] = append(k.Bookings[venue], b.Booking)
		}
	}
	data, err := json.Marshal(k)
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		panic(err)
	}
}

func (f *fake) load(file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		return // the first start
	}
	var k kept
	if err := json.Unmarshal(data, &k); err != nil {
		panic(err)
	}
	f.requests, f.capacity = k.Requests, k.Capacity
	for venue, bookings := range k.Bookings {
		for _, b := range bookings {
			f.bookings[venue] = append(f.bookings[venue], fakeBooking{Booking: b})
		}
	}
}
