package bench

import (
	"context"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// fakeServer makes the test binary be a server, as the program is when a benchmark starts it.
const fakeServer = "BENCH_TEST_SERVER"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeServer); mode != "" {
		os.Exit(serveFake(mode)) //nolint:forbidigo // this is a main
	}
	goleak.VerifyTestMain(m)
}

// serveFake is ready at the second look, and ends when it is told to.
func serveFake(mode string) int {
	if mode == "broken" {
		_, _ = os.Stderr.WriteString("the database is on fire")
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	looks := 0
	server := &http.Server{
		Addr: os.Args[slices.Index(os.Args, "--listen")+1], ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if looks++; looks == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			_, _ = w.Write([]byte(os.Getenv("VACANCY_ADMIN_KEY")))
		}),
	}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	_ = server.ListenAndServe()
	return 0
}
