package telemetry

import "time"

// Server shows whether the process serves, and until when its certificate is good.
type Server struct{ ready, weight, certificate *reading }

func newServer(d *definitions) Server {
	s := d.section("Server")
	return Server{
		ready: s.reading("vacancy_ready", "1 while the server serves; 0 while it starts, and from the moment it is told to stop."),
		weight: s.reading("vacancy_agent_weight", "The share of its usual traffic that the server asks HAProxy for, in percent; without "+
			"`--agent-listen` it is not there."),
		certificate: s.reading("vacancy_tls_certificate_expiry_seconds",
			"Time until the TLS certificate of `--tls-cert` ends; negative when it has."),
	}
}

// Read has shown whether the server serves.
func (s Server) Read(ready func() bool) { s.ready.from(func() float64 { return oneIf(ready()) }) }

// Weight has shown how much traffic the server asks for.
func (s Server) Weight(weight func() int) { s.weight.from(func() float64 { return float64(weight()) }) }

// Certificate has shown when the certificate ends.
func (s Server) Certificate(notAfter func() time.Time) {
	s.certificate.from(func() float64 { return time.Until(notAfter()).Seconds() })
}
