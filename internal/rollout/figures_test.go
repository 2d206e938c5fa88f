package rollout

import (
	"strings"
	"testing"
)

const metrics = `# TYPE process_start_time_seconds gauge
process_start_time_seconds 1.7e+09
# TYPE vacancy_live_readers gauge
vacancy_live_readers 12
# TYPE vacancy_probe_rounds_total counter
vacancy_probe_rounds_total{result="failed"} 1
vacancy_probe_rounds_total{result="ok"} 9
# TYPE vacancy_live_delivery_age_seconds histogram
vacancy_live_delivery_age_seconds_bucket{le="0.05"} 98
vacancy_live_delivery_age_seconds_bucket{le="0.1"} 100
vacancy_live_delivery_age_seconds_bucket{le="+Inf"} 100
vacancy_live_delivery_age_seconds_sum 3
vacancy_live_delivery_age_seconds_count 100
# TYPE vacancy_http_request_seconds histogram
vacancy_http_request_seconds_bucket{route="POST /v1/venues/{venue}/bookings",status="201",le="0.01"} 30
vacancy_http_request_seconds_bucket{route="POST /v1/venues/{venue}/bookings",status="201",le="+Inf"} 36
vacancy_http_request_seconds_sum{route="POST /v1/venues/{venue}/bookings",status="201"} 1
vacancy_http_request_seconds_count{route="POST /v1/venues/{venue}/bookings",status="201"} 36
vacancy_http_request_seconds_bucket{route="POST /v1/venues/{venue}/bookings",status="500",le="0.01"} 4
vacancy_http_request_seconds_bucket{route="POST /v1/venues/{venue}/bookings",status="500",le="+Inf"} 4
vacancy_http_request_seconds_sum{route="POST /v1/venues/{venue}/bookings",status="500"} 0.1
vacancy_http_request_seconds_count{route="POST /v1/venues/{venue}/bookings",status="500"} 4
vacancy_http_request_seconds_bucket{route="GET /v1/live",status="200",le="0.01"} 5
vacancy_http_request_seconds_bucket{route="GET /v1/live",status="200",le="+Inf"} 5
vacancy_http_request_seconds_sum{route="GET /v1/live",status="200"} 1
vacancy_http_request_seconds_count{route="GET /v1/live",status="200"} 5
`

func TestFiguresAreReadFromMetrics(t *testing.T) {
	t.Parallel()
	f, err := parseFigures(strings.NewReader(metrics))
	if err != nil {
		t.Fatal(err)
	}
	if f.Started != 1.7e9 || f.Readers != 12 || f.Answers[bookings] != 40 || f.Errors[bookings] != 4 || f.Errors[probeKind] != 1 {
		t.Errorf("%+v", f)
	}
	if f.writes() != 50 || f.answers() != 55 || f.failed() != 5 || f.Writes.total() != 40 || f.Writes[0.01] != 34 || f.Reads.total() != 0 {
		t.Errorf("%.0f writes, %.0f answers, %.0f failed; %v", f.writes(), f.answers(), f.failed(), f.Writes)
	}
	if got := f.Updates.p99(); got != 0.1 {
		t.Errorf("p99 of updates is %v", got)
	}
	if twice := f.add(f).since(f); twice.writes() != f.writes() || twice.Writes[0.01] != f.Writes[0.01] || twice.failed() != f.failed() {
		t.Errorf("what is added and taken away again leaves %+v", twice)
	}
}

// A version that counts nothing of this is read as well, and what is no text of metrics is an error.
func TestOtherMetrics(t *testing.T) {
	t.Parallel()
	f, err := parseFigures(strings.NewReader("# TYPE up gauge\nup 1\n"))
	if err != nil || f.answers() != 0 || f.Updates.p99() != 0 {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := parseFigures(strings.NewReader("<html>{")); err == nil {
		t.Error("a page is read as metrics")
	}
}
