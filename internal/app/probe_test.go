package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/config"
)

// The probe's venue is made once: a server that starts again finds it as it should be, and changes nothing.
func TestProbeVenueIsMadeOnce(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Database = "sqlite:" + filepath.Join(t.TempDir(), "v.db")
	c.Listen, c.ProbeInterval = "127.0.0.1:0", 0
	for range 2 {
		a, err := New(t.Context(), c, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx) }()
		for range 2 {
			if err := a.desk.PrepareProbe(ctx); err != nil {
				t.Fatal(err)
			}
			p, err := a.view.Picture(ctx, booking.ProbeVenue)
			if err != nil || p.Revision != 1 {
				t.Errorf("the venue is at %+v, %v", p, err)
			}
		}
		if venues, err := a.desk.Venues(ctx, "", 10); err != nil || len(venues) != 0 {
			t.Errorf("the venues are %v, %v", venues, err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
