package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Database has shown what the server knows of its database. It is what readyz answers from.
func (t *Telemetry) Database(readable, writable func() bool) {
	t.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "vacancy_database_readable", Help: "1 if the database answered the last check, which runs every second; else 0.",
		}, func() float64 { return oneIf(readable()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "vacancy_database_writable", Help: "1 if a booking would be likely to succeed, as readyz says it; else 0.",
		}, func() float64 { return oneIf(writable()) }),
	)
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
