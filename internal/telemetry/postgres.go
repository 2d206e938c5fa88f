package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Postgres counts how transactions lock their venues' rows on PostgreSQL.
type Postgres struct {
	locked *prometheus.CounterVec
	lost   prometheus.Counter
}

func newPostgres(registry *prometheus.Registry) Postgres {
	p := Postgres{
		locked: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "vacancy_postgres_transactions_total", Help: "Transactions by how they locked their venues' rows.",
		}, []string{"locking"}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "vacancy_postgres_lost_races_total", Help: "Optimistic transactions that began anew since a venue had moved on.",
		}),
	}
	registry.MustRegister(p.locked, p.lost)
	return p
}

// Locked counts a transaction that locked its venues' rows in the given mode: optimistic or pessimistic.
func (p Postgres) Locked(mode string) { p.locked.WithLabelValues(mode).Inc() }

// Lost counts a transaction that had to begin anew.
func (p Postgres) Lost() { p.lost.Inc() }
