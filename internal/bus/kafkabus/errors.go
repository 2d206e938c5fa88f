package kafkabus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"vacancy/internal/bus"
)

var errClosed = fmt.Errorf("kafka: %w: it is closed", bus.ErrUnavailable)

// certificateError tells of a file of ours.
type certificateError struct {
	what  string
	cause error
}

func (e *certificateError) Error() string {
	if e.cause == nil {
		return e.what
	}
	return e.what + ": " + e.cause.Error()
}

func (e *certificateError) Unwrap() error { return e.cause }

// misconfigured and unavailable are errors of package bus with a text for the operator.
func misconfigured(format string, args ...any) error {
	return described(bus.ErrMisconfigured, format, args...)
}

func unavailable(format string, args ...any) error {
	return described(bus.ErrUnavailable, format, args...)
}

// described keeps the cause of a text for errors.Is, and shows the text alone.
func described(kind error, format string, args ...any) error {
	return &describedError{kind: kind, text: fmt.Errorf("kafka: "+format, args...)}
}

type describedError struct{ kind, text error }

func (e *describedError) Error() string   { return e.text.Error() }
func (e *describedError) Unwrap() []error { return []error{e.kind, e.text} }

const notInSync = "a partition of the topic %s has fewer replicas in sync than its min.insync.replicas asks for: brokers are down or behind"

// kinds are the errors of brokers that a person must mend, with what is to be said of them. %s is the topic.
var kinds = []struct {
	err  error
	text string
}{
	{kerr.UnknownTopicOrPartition, "the topic %s is missing: it is to be made, with the number of partitions that is configured"},
	{kerr.UnknownTopicID, "the topic %s was deleted: it is to be made again, with the number of partitions that is configured"},
	{kerr.TopicAuthorizationFailed, "the user may not write to the topic %s: it needs the ACL Write of it, and Create to make it"},
	{kerr.ClusterAuthorizationFailed, "the user may not do this in the cluster (topic %s): it needs the ACL Write of the topic, and before " +
		"Kafka 2.8 IdempotentWrite of the cluster"},
	{kerr.SaslAuthenticationFailed, "the brokers refuse the user or the password (topic %s)"},
	{kerr.UnsupportedSaslMechanism, "the brokers do not know the mechanism to log in with (topic %s)"},
	{kerr.IllegalSaslState, "the brokers expect another way to log in, or none (topic %s)"},
	{kerr.NotEnoughReplicas, notInSync},
	{kerr.NotEnoughReplicasAfterAppend, notInSync},
	{kerr.InvalidReplicationFactor, "the topic %s cannot have as many replicas as are configured: the cluster has fewer brokers"},
	{kerr.InvalidPartitions, "the brokers refuse the number of partitions of the topic %s"},
	{kerr.InvalidConfig, "the brokers refuse a setting of the topic %s"},
	{kerr.PolicyViolation, "the cluster's policy refuses the topic %s: an administrator is to make it"},
	{kerr.InvalidTopicException, "the brokers refuse the name of the topic %s"},
	{kerr.InvalidRecord, "the brokers refuse records as they are sent (topic %s)"},
	{kerr.UnsupportedForMessageFormat, "the topic %s has a message format that knows no headers: message.format.version is too old"},
	{kerr.UnsupportedVersion, "the brokers are too old (topic %s)"},
}

// classify is an error of package bus for one of the client. network is what was last seen of the connections: the client's own error after
// some tries does not name the cause.
func classify(topic string, err, network error) error {
	var (
		described *describedError
		rejected  *bus.RejectedError
	)
	if errors.As(err, &described) || errors.As(err, &rejected) || errors.Is(err, bus.ErrUnavailable) {
		return err
	}
	for _, kind := range kinds {
		if errors.Is(err, kind.err) {
			return misconfigured(kind.text+": %w", topic, err)
		}
	}
	if by := classifyNetwork(err); by != nil {
		return by
	}
	if errors.Is(err, kgo.ErrClientClosed) {
		return unavailable("the connection was given up: %w", err)
	}
	if hidesCause(err) && network != nil {
		if by := classifyNetwork(network); by != nil {
			return by
		}
		return unavailable("the brokers do not answer in time: %w", network)
	}
	return unavailable("the brokers do not confirm: %w", err)
}

// hidesCause tells an error that does not say why.
func hidesCause(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, kgo.ErrRecordRetries) ||
		errors.Is(err, kgo.ErrRecordTimeout)
}

// classifyNetwork is what an error of the network says to the operator, or nil.
func classifyNetwork(err error) error {
	var (
		ours       *certificateError
		authority  x509.UnknownAuthorityError
		invalid    x509.CertificateInvalidError
		hostname   x509.HostnameError
		header     tls.RecordHeaderError
		resolution *net.DNSError
		operation  *net.OpError
		firstRead  *kgo.ErrFirstReadEOF
	)
	switch {
	case errors.As(err, &ours):
		return misconfigured("%w", ours)
	case errors.As(err, &authority):
		return misconfigured("the brokers' certificate is signed by nobody whom we trust: %w", authority)
	case errors.As(err, &invalid):
		return misconfigured("the brokers' certificate is not valid (%w)", invalid)
	case errors.As(err, &hostname):
		return misconfigured("the brokers' certificate is another host's: %w", hostname)
	case errors.As(err, &header):
		return misconfigured("the brokers speak no TLS on this port: %w", err)
	case errors.As(err, &operation) && operation.Op == "remote error": // an alert of TLS
		return misconfigured("the brokers refuse our TLS, or the certificate that we show: %w", err)
	case errors.As(err, &resolution):
		return unavailable("a broker's name is not known: %w", err)
	case errors.As(err, &operation) && operation.Op == "dial":
		return unavailable("a broker cannot be reached: %w", err)
	case errors.As(err, &firstRead):
		return unavailable("a broker closes connections at once; does the port want TLS, a login, another one or none? %w", err)
	}
	return nil
}
