package natsbus

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/nats-io/nats.go"

	"vacancy/internal/bus"
)

var errClosed = fmt.Errorf("%w: it is closed", bus.ErrUnavailable)

// unavailable and misconfigured are the contract's errors with a reason.
func unavailable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{bus.ErrUnavailable}, args...)...)
}

func misconfigured(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{bus.ErrMisconfigured}, args...)...)
}

// connectError says why there is no connection. hosts are those that were tried.
func connectError(hosts string, err error) error {
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var network *net.OpError
	var record tls.RecordHeaderError
	var dns *net.DNSError
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked),
		errors.Is(err, nats.ErrAccountAuthExpired):
		return misconfigured("NATS at %s refuses the credentials: %w", hosts, err)
	case errors.As(err, &certificate), errors.As(err, &authority):
		return misconfigured("the certificate of NATS at %s is not to be trusted: %w", hosts, err)
	case errors.As(err, &network) && network.Op == "remote error", errors.Is(err, nats.ErrTLS): // a TLS alert, or its end in its place
		return misconfigured("NATS at %s refuses this client's certificate, or wants one: %w", hosts, err)
	case errors.Is(err, nats.ErrSecureConnRequired), errors.Is(err, nats.ErrSecureConnWanted), errors.As(err, &record):
		return misconfigured("NATS at %s and this client do not agree on TLS: %w", hosts, err)
	case errors.Is(err, nats.ErrNoInfoReceived), errors.Is(err, nats.ErrJsonParse):
		return misconfigured("what answers at %s is no NATS server: %w", hosts, err)
	case errors.As(err, &dns) && dns.IsNotFound:
		return unavailable("the host of NATS at %s is not known: %w", hosts, err)
	default:
		return unavailable("no connection to NATS at %s: %w", hosts, err)
	}
}
