package postgres

import (
	"context"
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store/postgres/postgrestest"
)

// TestStatusOfAClosedDatabase: the status says which database is in charge; of one that was closed, by whom and when; and what was closed
// by hand was so at no known time.
func TestStatusOfAClosedDatabase(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Start(t).URL()}) // on the shared server others' transactions would be waited for
	says := func(pattern string) {
		t.Helper()
		hosts, err := Status(t.Context(), s.config)
		must(t, err)
		if said := hosts[0].String(); len(hosts) != 1 || !regexp.MustCompile(pattern).MatchString(said) {
			t.Errorf("the status does not say %q:\n%s", pattern, said)
		}
	}
	closing := func(f func(context.Context, *pgx.Conn) error) {
		t.Helper()
		must(t, s.monitor.on(t.Context(), s.monitor.hosts[0].name, func(c *pgx.Conn) error { return f(t.Context(), c) }))
	}
	says(`^[^\n]+: can be written to, in charge\n`)
	closing(func(ctx context.Context, c *pgx.Conn) error {
		return closeDatabase(ctx, c, s.monitor.current.Load().identity, "bookings have gone on, says node x")
	})
	says(`^[^\n]+: can be written to\n(.*\n)+  closed        20\d\d-[-0-9]+ [:.0-9]+ UTC: bookings have gone on, says node x\n`)
	closing(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `DELETE FROM identity_log WHERE what = 'closed'`)
		return err
	})
	says(`  closed        at a time that nobody has recorded: bookings have gone on`)
}
