package postgres

import (
	"slices"
	"testing"
)

// TestHostsOfAURL: each host once, in the order of the URL, with all ways to it.
func TestHostsOfAURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string][]string{
		"postgres://u@one/db?sslmode=disable":                         {"one:5432"},
		"postgres://u@one,two:5433/db?sslmode=disable":                {"one:5432", "two:5433"},
		"postgres://u@one,two/db?sslmode=prefer":                      {"one:5432", "two:5432"}, // with and without TLS
		"postgres://u@/db?host=/run/a,/run/b&sslmode=disable":         {"/run/a:5432", "/run/b:5432"},
		"postgres://u@one,two,three/db?sslmode=disable&user=somebody": {"one:5432", "two:5432", "three:5432"},
	} {
		parsed, err := parseURL(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		var names []string
		for _, h := range hostsOf(parsed.ConnConfig) {
			names = append(names, h.name)
			config := parsed.ConnConfig.Copy()
			if h.configure(config); hostName(config.Host, config.Port) != h.name || len(hostsOf(config)) != 1 {
				t.Errorf("%s: configured for %s:%d with %d others", url, config.Host, config.Port, len(config.Fallbacks))
			}
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: %q, want %q", url, names, want)
		}
	}
}
