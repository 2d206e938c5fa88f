package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Postgres counts how transactions lock their venues' rows on PostgreSQL.
type Postgres struct {
	locked *prometheus.CounterVec
	lost   prometheus.Counter
}

func newPostgres(d *definitions) Postgres {
	s := d.section("PostgreSQL")
	modes := []string{"optimistic", "pessimistic"}
	return Postgres{
		locked: fromZero(s.counters("vacancy_postgres_transactions_total", "Transactions by how they locked their venues' rows.",
			Label{"locking", listed(modes)}), modes),
		lost: s.counter("vacancy_postgres_lost_races_total", "Optimistic transactions that began anew since a venue had moved on."),
	}
}

// Locked counts a transaction that locked its venues' rows in the given mode: optimistic or pessimistic.
func (p Postgres) Locked(mode string) { p.locked.WithLabelValues(mode).Inc() }

// Lost counts a transaction that had to begin anew.
func (p Postgres) Lost() { p.lost.Inc() }
