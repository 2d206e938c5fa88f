package kafkabus

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Config says which Kafka to publish to, and how.
type Config struct {
	// Brokers are some of the cluster's, "host:port"; the others are learned from them.
	Brokers []string
	// Topic is for events; empty is [DefaultTopic].
	Topic string
	// Hints is the topic by which nodes hint each other; empty is the events' with ".hints" after it.
	Hints string
	// Declare makes the topics if they are missing. Without it they must be there.
	Declare bool
	// Partitions is how many the topic has, or is to get; 0 is [DefaultPartitions]. It is not to be changed: it decides which partition a
	// venue's events go to.
	Partitions int
	// Replicas is how many there are to be of each partition, and MinInSync how many of them must have an event before it is confirmed. A
	// topic with less is refused. 0 is [DefaultReplicas] and [DefaultMinInSync].
	Replicas, MinInSync int

	// TLS encrypts the connections. It is implied by the files.
	TLS bool
	// CAFile, CertFile and KeyFile are PEM files: who may have signed the brokers' certificates (empty: the system's authorities), and the
	// certificate that we show. They are read anew for each connection, so they may be renewed.
	CAFile, CertFile, KeyFile string

	// Mechanism is how to log in: "PLAIN", "SCRAM-SHA-256" or "SCRAM-SHA-512"; empty is not at all.
	Mechanism string
	// User and Password are for the mechanism. They are never logged.
	User, Password string

	Log *slog.Logger

	// through is where all connections go in tests, whatever brokers there are; empty is to the brokers.
	through string
}

// topicName is what Kafka allows.
var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// complete fills in what is left out, and says what is wrong. It repeats nothing that may hold a password.
func (c *Config) complete() error {
	c.Partitions = cmp.Or(c.Partitions, DefaultPartitions)
	c.Replicas = cmp.Or(c.Replicas, DefaultReplicas)
	c.MinInSync = cmp.Or(c.MinInSync, max(1, min(DefaultMinInSync, c.Replicas)))
	c.Topic = cmp.Or(c.Topic, DefaultTopic)
	c.Hints = cmp.Or(c.Hints, c.Topic+".hints")
	c.TLS = c.TLS || c.CAFile != "" || c.CertFile != ""
	switch {
	case c.Log == nil:
		return errors.New("kafkabus: no log")
	case len(c.Brokers) == 0:
		return errors.New("kafka: no broker is named")
	case !topicName.MatchString(c.Topic), !topicName.MatchString(c.Hints):
		return fmt.Errorf("kafka: the name of a topic has 249 letters, digits, dots, underlines and hyphens at most: %q, %q", c.Topic, c.Hints)
	case c.Topic == c.Hints:
		return errors.New("kafka: events and hints need topics of their own")
	case c.Partitions < 1, c.Replicas < 1, c.MinInSync < 1:
		return errors.New("kafka: a topic has a partition, a replica, and one in sync at least")
	case c.MinInSync > c.Replicas:
		return fmt.Errorf("kafka: %d replicas in sync are asked for, and there are to be %d only", c.MinInSync, c.Replicas)
	case (c.CertFile == "") != (c.KeyFile == ""):
		return errors.New("kafka: a certificate needs its key, and a key its certificate")
	case c.Mechanism == "" && (c.User != "" || c.Password != ""):
		return errors.New("kafka: there is a user or a password, and no mechanism to log in with")
	case c.Mechanism != "" && c.User == "":
		return errors.New("kafka: there is a mechanism to log in with, and no user")
	}
	for i, broker := range c.Brokers {
		if err := validBroker(broker); err != nil {
			return fmt.Errorf("kafka: broker %d of the list %w", i+1, err)
		}
	}
	if _, err := c.login(); err != nil {
		return err
	}
	return nil
}

func validBroker(broker string) error {
	host, port, err := net.SplitHostPort(broker)
	switch {
	case strings.Contains(broker, "://"), strings.ContainsAny(broker, "@/"):
		return errors.New("is not host:port: it has no scheme, user or path")
	case err != nil, host == "":
		return errors.New("is not host:port")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return errors.New("has no port from 1 to 65535")
	}
	return nil
}

// login is how to log in, or nil.
func (c *Config) login() (sasl.Mechanism, error) {
	switch c.Mechanism {
	case "":
		return nil, nil //nolint:nilnil // none is asked for
	case "PLAIN":
		return plain.Auth{User: c.User, Pass: c.Password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: c.User, Pass: c.Password}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return scram.Auth{User: c.User, Pass: c.Password}.AsSha512Mechanism(), nil
	default:
		return nil, errors.New("kafka: the mechanism to log in with is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
	}
}

// tlsConfig reads the files. server is the name that the broker's certificate is to have.
func (c *Config) tlsConfig(server string) (*tls.Config, error) {
	config := &tls.Config{ServerName: server, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		text, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, &certificateError{what: "the authorities' certificates cannot be read", cause: err}
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, &certificateError{what: c.CAFile + " has no certificate of an authority"}
		}
	}
	if c.CertFile == "" {
		return config, nil
	}
	pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		return nil, &certificateError{what: "the certificate that we show cannot be read", cause: err}
	}
	if ends := pair.Leaf.NotAfter; time.Now().After(ends) {
		return nil, &certificateError{what: "the certificate that we show, " + c.CertFile + ", has ended at " + ends.Format(time.RFC3339)}
	}
	// Shown whatever authorities the broker says it trusts: its refusal says more than our silence.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	return config, nil
}
