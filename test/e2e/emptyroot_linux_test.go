package e2e

import (
	"os"
	"testing"
	"time"

	"vacancy/client"
	"vacancy/test/proc"
)

// The program brings along all that it needs: in a root directory that holds nothing else, without an environment, venues of any zone
// are made and booked, and the server starts again on what it stored.
func TestServerInAnEmptyRoot(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	server := proc.LaunchIn(t, root, "sqlite:/v.db")
	c := server.Client(t)
	class(t, c, 10)
	booked, err := c.Book(t.Context(), "studio", wish())
	must(t, err)
	if got, want := booked.Start.Format(time.RFC3339), tomorrow().Format(time.RFC3339); got != want {
		t.Errorf("booked at %s, not at %s", got, want)
	}
	for _, zone := range []string{"Asia/Kolkata", "Australia/Lord_Howe", "America/New_York", "Pacific/Apia"} {
		_, err := c.PutVenue(t.Context(), client.Venue{ID: "other", Name: "Other", TimeZone: zone})
		must(t, err)
	}
	must(t, server.Stop(t.Context()))

	must(t, os.Remove(root+"/vacancy"))
	again := proc.LaunchIn(t, root, "sqlite:/v.db").Client(t)
	if left := slotAt(t, availability(t, again, query()), tomorrow()).Remaining; left != 9 {
		t.Errorf("%d of 10 places are left after one was booked", left)
	}
}
