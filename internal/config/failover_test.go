package config_test

import (
	"testing"

	"vacancy/internal/config"
)

// A file is kept where several hosts are listed, and nowhere else unless the operator names one.
func TestStateFile(t *testing.T) { //nolint:paralleltest // it sets the environment
	for _, test := range []struct{ database, chosen, directory, want string }{
		{"sqlite:vacancy.db", "", "", ""},
		{"postgres://u@a/db", "", "", ""},
		{"postgres://u@a/db", "/x/state.json", "/var/lib/vacancy", "/x/state.json"},
		{"postgres://u@a,b/db", "", "", "vacancy-failover.json"},
		{"postgres://u@a:5432,b:5433/db?sslmode=disable", "", "/var/lib/vacancy:/var/lib/other", "/var/lib/vacancy/vacancy-failover.json"},
		{"postgresql:///db?host=/run/a,/run/b", "", "", "vacancy-failover.json"},
	} {
		t.Setenv("STATE_DIRECTORY", test.directory)
		c := config.Default()
		c.Database, c.FailoverState = test.database, test.chosen
		if got := c.StateFile(); got != test.want {
			t.Errorf("%s in %q: %q, want %q", test.database, test.directory, got, test.want)
		}
	}
}
