package rabbitbus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// errURL has nothing of the URL, and so no error of parsing it is wrapped: a password with a special character in it is cut there, and
// its parts are taken for a host, a port or a path.
var errURL = errors.New("the URL of RabbitMQ cannot be read: it is amqp://user:password@host:port/vhost, or amqps://..., " +
	"and special characters in the user, the password and the virtual host are percent-encoded")

// endpoint is where RabbitMQ is, and how to log in there.
type endpoint struct {
	address     string // host:port
	serverName  string // that RabbitMQ's certificate is to be for
	virtualHost string
	user        string
	login       amqp.Authentication

	tls               bool
	caFile            string
	certFile, keyFile string
}

func parseEndpoint(c *Config) (*endpoint, error) {
	if unencoded(c.URL) {
		return nil, errURL
	}
	uri, err := amqp.ParseURI(c.URL)
	if err != nil {
		return nil, errURL
	}
	e := &endpoint{
		address:    net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port)),
		serverName: firstOf(uri.ServerName, uri.Host), virtualHost: uri.Vhost, user: uri.Username,
		tls:    uri.Scheme == "amqps",
		caFile: firstOf(c.CAFile, uri.CACertFile), certFile: firstOf(c.CertFile, uri.CertFile), keyFile: firstOf(c.KeyFile, uri.KeyFile),
	}
	switch mechanisms := strings.ToLower(strings.Join(uri.AuthMechanism, " ")); mechanisms {
	case "", "plain":
		e.login = uri.PlainAuth()
	case "external":
		e.login, e.user = &amqp.ExternalAuth{}, "of the certificate"
	default:
		return nil, errors.New("auth_mechanism in the URL of RabbitMQ is plain or external")
	}
	if !e.tls && (e.caFile != "" || e.certFile != "") {
		return nil, errors.New("certificates are given for RabbitMQ, and its URL is not amqps://")
	}
	_, err = e.tlsConfig()
	return e, err
}

// unencoded tells whether a URL holds a special character in its user or password that cuts them: an '@' beyond the one that ends them.
func unencoded(url string) bool {
	_, rest, _ := strings.Cut(url, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return strings.Count(rest[:end], "@") > 1 || strings.Contains(rest[end:], "@")
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// tlsConfig reads the certificates. It is nil without TLS.
func (e *endpoint) tlsConfig() (*tls.Config, error) {
	if !e.tls {
		return nil, nil //nolint:nilnil // as crypto/tls and net/http have it
	}
	config := &tls.Config{ServerName: e.serverName, MinVersion: tls.VersionTLS12}
	if e.caFile != "" {
		text, err := os.ReadFile(e.caFile)
		if err != nil {
			return nil, fmt.Errorf("read the authority of RabbitMQ's certificate: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("read the authority of RabbitMQ's certificate: no certificate in %s", e.caFile)
		}
	}
	if e.certFile != "" {
		certificate, err := tls.LoadX509KeyPair(e.certFile, e.keyFile)
		if err != nil {
			return nil, fmt.Errorf("read the certificate for RabbitMQ: %w", err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}

// dial connects, with TLS if there is a configuration for it.
func (e *endpoint) dial(ctx context.Context, config *tls.Config, log *slog.Logger) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := new(net.Dialer)
	raw, err := dialer.DialContext(ctx, "tcp", e.address)
	if err != nil {
		return nil, err
	}
	if config == nil {
		return &socket{Conn: raw}, nil
	}
	secure := tls.Client(raw, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close() // the handshake's error says more
		return nil, err
	}
	for _, c := range secure.ConnectionState().PeerCertificates[:1] {
		warnOfEnd(log, "RabbitMQ's own", c)
	}
	for _, c := range config.Certificates {
		warnOfEnd(log, "the one that is shown to RabbitMQ", c.Leaf)
	}
	return &socket{Conn: secure}, nil
}

func warnOfEnd(log *slog.Logger, which string, c *x509.Certificate) {
	if time.Until(c.NotAfter) < certificateNotice {
		log.Warn("a certificate ends soon, and then no event reaches RabbitMQ",
			"certificate", which, "subject", c.Subject.String(), "not_after", c.NotAfter)
	}
}
