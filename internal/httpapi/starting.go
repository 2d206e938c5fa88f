package httpapi

import (
	"fmt"
	"net/http"

	"vacancy/internal/booking"
)

// errStarting: the database is not open yet.
var errStarting = fmt.Errorf("%w: the server waits for its database", booking.ErrUnavailable)

// NewStarting is the handler of a public port until the database is open: the process is alive, and everything else comes later. It needs
// neither Desk, Catalogue, Hub nor Callers; Pages answers what is no call of the API.
func NewStarting(config Config) http.Handler {
	a := emptyAPI(config)
	a.addHealth()
	a.mux.HandleFunc(catchAllPattern, func(w http.ResponseWriter, r *http.Request) {
		if isAPI(r.URL.Path) || r.Method != http.MethodGet && r.Method != http.MethodHead {
			a.fail(w, r, errStarting)
			return
		}
		a.Pages.ServeHTTP(w, r)
	})
	return a
}
