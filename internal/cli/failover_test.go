package cli

import (
	"strings"
	"testing"

	"vacancy/internal/store/postgres/postgrestest"
)

// The commands say what is wrong in a sentence, and never do anything by halves.
func TestFailoverCommands(t *testing.T) {
	t.Parallel()
	address := postgrestest.Shared(t).Schema(t)
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"failover", "status", "--database", "sqlite:v.db"}, exitFailed, "only databases of postgres://"},
		{[]string{"failover", "allow", "--database", "sqlite:v.db"}, exitFailed, "only databases of postgres://"},
		{[]string{"failover", "status", "--database", address}, exitFailed, "none of these databases"},
		{[]string{"failover", "allow", "--database", address}, exitFailed, "has no identity"},
		{[]string{"failover", "allow", "--database", "postgres://vacancy@127.0.0.1:1,127.0.0.1:2/vacancy"}, exitFailed, "must name one host"},
		{[]string{"failover", "allow", "--database", "postgres://vacancy@127.0.0.1:1/vacancy"}, exitFailed, "cannot be written to"},
		{[]string{"verify", "--database", address, "--against", address}, exitUnchecked, "not checked"},
	} {
		var out, problems strings.Builder
		code := Run(t.Context(), test.args, Streams{In: strings.NewReader(""), Out: &out, Err: &problems})
		if said := out.String() + problems.String(); code != test.code || !strings.Contains(said, test.says) {
			t.Errorf("%q ends with %d and says %q, want %d and %q", test.args, code, said, test.code, test.says)
		}
	}
}
