package rabbitbus_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	log := bustest.NewLog()
	url := secure(t, broker.VirtualHost(t), broker.SecureAddress())
	b := openBus(t, rabbitbus.Config{
		URL: url, CAFile: broker.File(rabbittest.CAFile), CertFile: broker.File(rabbittest.CertFile), KeyFile: broker.File(rabbittest.KeyFile),
		Declare: true, Log: log.Logger(),
	})
	publish(t, b, bus.Receipt{Unrouted: 3}, bustest.Events("yoga", 0, 3))
	if seen := broker.Evaluate(t, "rabbit_networking:connection_info_all([vhost, peer_cert_subject])"); !strings.Contains(seen, "CN=client") {
		t.Errorf("the broker has seen no certificate of ours: %s", seen)
	}
	// They are valid for a day.
	for _, which := range []string{"RabbitMQ's own", "the one that is shown to RabbitMQ"} {
		if !strings.Contains(log.String(), which) {
			t.Errorf("the log does not say that a certificate ends soon, %s: %s", which, log)
		}
	}
}

// TestTLSRefusals: which certificate is wrong, and how.
func TestTLSRefusals(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	url := broker.VirtualHost(t)
	directory := t.TempDir()
	other, err := rabbittest.NewAuthority(directory)
	must(t, err)
	must(t, other.Sign("other", time.Now().Add(time.Hour)))
	must(t, other.Sign("expired", time.Now().Add(-time.Hour)))
	for name, test := range map[string]struct {
		config rabbitbus.Config
		says   string
	}{
		"a broker whose authority is unknown": {rabbitbus.Config{
			URL: secure(t, url, broker.SecureAddress()), CAFile: filepath.Join(directory, rabbittest.CAFile),
		}, "its certificate is not trusted"},
		"a broker by another name": {rabbitbus.Config{
			URL: secure(t, url, broker.SecureAddress()) + "?server_name_indication=rabbit.test", CAFile: broker.File(rabbittest.CAFile),
		}, "rabbit.test"},
		"a broker whose certificate has ended": {rabbitbus.Config{
			URL: secure(t, url, expired(t, directory)), CAFile: filepath.Join(directory, rabbittest.CAFile),
		}, "its certificate has expired"},
		"a certificate of ours that the broker does not know": {rabbitbus.Config{
			URL: secure(t, url, broker.SecureAddress()), CAFile: broker.File(rabbittest.CAFile),
			CertFile: filepath.Join(directory, "other.pem"), KeyFile: filepath.Join(directory, "other.key"),
		}, "refuses the handshake, most likely our certificate"},
		"a port without TLS": {rabbitbus.Config{
			URL: secure(t, url, broker.Address()), CAFile: broker.File(rabbittest.CAFile),
		}, "no TLS is spoken there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := bustest.NewLog()
			test.config.Log = log.Logger()
			b := openBus(t, test.config)
			ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
			defer cancel()
			// The broker refuses our certificate after it was shown, with an alert and then a reset. Where the reset is noticed first, the
			// alert is lost, and the next try may get it.
			var err error
			for ctx.Err() == nil {
				_, err = b.Publish(ctx, "yoga", bustest.Events("yoga", 0, 1))
				if errors.Is(err, bus.ErrMisconfigured) || !strings.Contains(err.Error(), "reset by peer") {
					break
				}
				pause(ctx, 50*time.Millisecond)
			}
			if !errors.Is(err, bus.ErrMisconfigured) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
			if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), test.says) {
				t.Errorf("the log lacks %q: %s", test.says, log)
			}
		})
	}
}

// TestPortWithTLS: without TLS, nothing sensible is heard there.
func TestPortWithTLS(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	url := rabbittest.As(t, broker.VirtualHost(t), "", "", broker.SecureAddress())
	b := openBus(t, rabbitbus.Config{URL: url, Log: bustest.NewLog().Logger()})
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	if _, err := b.Publish(ctx, "yoga", bustest.Events("yoga", 0, 1)); !errors.Is(err, bus.ErrUnavailable) || ctx.Err() != nil {
		t.Errorf("%v", err)
	}
}

// secure is a URL with TLS.
func secure(t *testing.T, url, address string) string {
	t.Helper()
	return strings.Replace(rabbittest.As(t, url, "", "", address), "amqp:", "amqps:", 1)
}

// expired listens with a certificate that has ended, until the test does.
func expired(t *testing.T, directory string) (address string) {
	t.Helper()
	certificate, err := tls.LoadX509KeyPair(filepath.Join(directory, "expired.pem"), filepath.Join(directory, "expired.key"))
	must(t, err)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	var serving sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}).
				HandshakeContext(context.WithoutCancel(t.Context())) // the client ends it
			_ = conn.Close()
		}
	})
	return listener.Addr().String()
}

// TestCertificatesAreReadAnew: a renewed file is used by the next connection, and one that cannot be read is named.
func TestCertificatesAreReadAnew(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	url := broker.VirtualHost(t)
	authorities := filepath.Join(t.TempDir(), "authorities.pem")
	text, err := os.ReadFile(broker.File(rabbittest.CAFile))
	must(t, err)
	must(t, os.WriteFile(authorities, text, 0o600))
	b := openBus(t, rabbitbus.Config{
		URL: secure(t, url, broker.SecureAddress()), CAFile: authorities, Declare: true, Log: bustest.NewLog().Logger(),
	})
	publishUntilConfirmed(t, b, bustest.Event("yoga", 0))
	must(t, os.WriteFile(authorities, []byte("half a fi"), 0o600))
	broker.CloseConnections(t, hostOf(t, url), "renewal")
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	for err = nil; !errors.Is(err, bus.ErrMisconfigured) && ctx.Err() == nil; {
		_, err = b.Publish(ctx, "yoga", bustest.Events("yoga", 1, 1))
	}
	if !strings.Contains(errorText(err), authorities) {
		t.Errorf("the error names no file: %v", err)
	}
}
