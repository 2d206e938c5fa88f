package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// HTTP measures the requests of the API and the pages.
type HTTP struct {
	seconds  *prometheus.HistogramVec
	problems *prometheus.CounterVec
}

// alertedCodes are those of which a single one is an alert, or a sign of what one is about.
var alertedCodes = []string{"internal", "outcome_unknown", "needs_newer", "unavailable", "busy"}

// failures are the statuses that bookings fail with.
var failures = []int{http.StatusInternalServerError, http.StatusServiceUnavailable}

func newHTTP(d *definitions) HTTP {
	s := d.section("Requests")
	return HTTP{
		seconds: s.histograms("vacancy_http_request_seconds",
			"Time to answer a request. Its count, by status, is the rate of requests, of successes and of errors. A live connection counts "+
				"when its answer begins; over HTTP/2, when it ends.",
			answerTimes,
			Label{"route", "the method and pattern of the address, as in `POST /v1/venues/{venue}/bookings`; `/` for pages and wrong addresses"},
			Label{"status", "the HTTP status; 101 for a WebSocket"}),
		problems: fromZero(s.counters("vacancy_http_problems_total",
			"Answers that told of a problem, by its code. Codes tell apart what a status does not: a lost race (`slot_unavailable`) from a "+
				"place limit (`holds_limited`), a full queue (`busy`) from a database that is away (`unavailable`) or lost an answer "+
				"(`outcome_unknown`).",
			Label{"code", "the `code` of the problem, as in the API's description"}), alertedCodes),
	}
}

// Expect has the failures of a route there from the start: see fromZero.
func (h HTTP) Expect(route string) {
	for _, status := range failures {
		h.seconds.WithLabelValues(route, strconv.Itoa(status))
	}
}

// Request counts one answered request. Routes are patterns, so their number is bounded.
func (h HTTP) Request(route string, status int, took time.Duration) {
	h.seconds.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Problem counts an answer that told of a problem.
func (h HTTP) Problem(code string) { h.problems.WithLabelValues(code).Inc() }
