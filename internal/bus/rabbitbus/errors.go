package rabbitbus

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/bus"
)

var errClosed = fmt.Errorf("%w: it is closed", bus.ErrUnavailable)

func unavailable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{bus.ErrUnavailable}, args...)...)
}

func misconfigured(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{bus.ErrMisconfigured}, args...)...)
}

// connectError says why there is no connection. failure is what the socket met, whose text alone the library passes on.
func (e *endpoint) connectError(err, failure error) error {
	if said := tlsError(errors.Join(err, failure)); said != nil {
		return misconfigured("TLS with RabbitMQ at %s: %w", e.address, said)
	}
	var reply *amqp.Error
	switch {
	case errors.As(err, &reply) && reply.Server:
		return e.refusal(reply)
	case errors.Is(err, amqp.ErrSASL):
		return misconfigured("RabbitMQ at %s offers no way to log in that the URL allows", e.address)
	case reply != nil: // the library's guess when the connection breaks: a broker that refuses says so itself
		return unavailable("RabbitMQ at %s: the connection broke during login: %w", e.address, either(failure, reply))
	}
	return unavailable("RabbitMQ at %s cannot be reached: %w", e.address, err)
}

// refusal is of a broker that says why it does not let us in.
func (e *endpoint) refusal(reply *amqp.Error) error {
	switch reply.Code {
	case amqp.AccessRefused:
		return misconfigured("RabbitMQ at %s refuses the login of user %q: the password is wrong or has expired, "+
			"or the user may not log in from here: %w", e.address, e.user, reply)
	case amqp.NotAllowed:
		return misconfigured("RabbitMQ at %s does not let user %q use the virtual host %q: %w", e.address, e.user, e.virtualHost, reply)
	default:
		return unavailable("RabbitMQ at %s refuses the connection: %w", e.address, reply)
	}
}

// tlsError says what is wrong with a certificate or with TLS at all, if that is what an error is.
func tlsError(err error) error {
	var (
		unverified *tls.CertificateVerificationError
		invalid    x509.CertificateInvalidError
		plain      tls.RecordHeaderError
		refused    *net.OpError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("its certificate has expired, or a clock is wrong: %w", invalid)
	case errors.As(err, &unverified):
		return fmt.Errorf("its certificate is not trusted: %w", unverified.Err)
	case errors.As(err, &plain):
		return errors.New("no TLS is spoken there: the URL is amqp://, or has the port for TLS, often 5671")
	case errors.As(err, &refused) && refused.Op == "remote error": // an alert, whose type crypto/tls keeps to itself
		return fmt.Errorf("it refuses the handshake, most likely our certificate (expired?) or that there is none: %w", refused)
	default:
		return nil
	}
}

// either is the first that there is.
func either(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// plain leaves out the addresses of an error of a connection, which differ each time.
func plain(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) && operation.Op != "dial" && operation.Op != "remote error" {
		return operation.Err
	}
	return err
}

// publishError says why a channel that only publishes was closed.
func (s *session) publishError(reply *amqp.Error) error {
	switch reply.Code {
	case amqp.NotFound:
		return misconfigured("the exchange %q is missing in RabbitMQ's virtual host %q: %w", s.config.Exchange, s.endpoint.virtualHost, reply)
	case amqp.AccessRefused:
		return misconfigured("user %q has no permission to write to the exchange %q in RabbitMQ's virtual host %q: %w",
			s.endpoint.user, s.config.Exchange, s.endpoint.virtualHost, reply)
	default:
		return unavailable("RabbitMQ closed the channel: %w", reply)
	}
}
