package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTraceparent(t *testing.T) {
	t.Parallel()
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for header, ok := range map[string]bool{
		"00-" + trace + "-" + span + "-01":                              true,
		"00-" + trace + "-" + span + "-00":                              true,
		"cc-" + trace + "-" + span + "-01-what-the-future-brings":       true,
		"cc-" + trace + "-" + span + "-01":                              true,
		"":                                                              false,
		"00-" + trace + "-" + span:                                      false,
		"00-" + trace + "-" + span + "-01-more":                         false,
		"ff-" + trace + "-" + span + "-01":                              false,
		"00-" + strings.ToUpper(trace) + "-" + span + "-01":             false,
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01":            false,
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01":           false,
		"00-" + trace + "-" + span + "-zz":                              false,
		"00-" + trace[:31] + "--" + span + "-01":                        false,
		"cc-" + trace + "-" + span + "-01-" + strings.Repeat("x", 1000): false,
		`00-` + trace[:30] + `"}-` + span + `-01`:                       false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("traceparent", header)
		got := traceOf(r)
		if want := (traceContext{trace, span}); ok && got != want || !ok && got != (traceContext{}) {
			t.Errorf("%q is read as %+v", header, got)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Traceparent"] = []string{"00-" + trace + "-" + span + "-01", "00-" + trace + "-" + span + "-01"}
	if got := traceOf(r); got != (traceContext{}) {
		t.Errorf("two headers are read as %+v", got)
	}
}
