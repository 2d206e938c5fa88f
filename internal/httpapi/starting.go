package httpapi

import (
	"fmt"
	"net/http"

	"vacancy/internal/booking"
)

// errStarting: the database is not open yet.
var errStarting = fmt.Errorf("%w: the server waits for its database", booking.ErrUnavailable)

// NewStarting is the handler of a public port until the database is open: the process is alive, and everything else comes later. It needs
// neither Desk, Catalogue, Hub nor Callers; Pages answers what is no call of the API. Metrics are for direct calls from this machine.
func NewStarting(config Config) http.Handler {
	a := emptyAPI(config)
	a.addHealth()
	if !a.AdminPort {
		a.mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
			if !directFromThisMachine(r) { // keys are in the database
				a.fail(w, r, errStarting)
				return
			}
			a.Metrics.ServeHTTP(w, r)
		})
	}
	a.mux.HandleFunc(catchAllPattern, func(w http.ResponseWriter, r *http.Request) {
		if isAPI(r.URL.Path) || r.Method != http.MethodGet && r.Method != http.MethodHead {
			a.fail(w, r, errStarting)
			return
		}
		a.Pages.ServeHTTP(w, r)
	})
	return a
}
