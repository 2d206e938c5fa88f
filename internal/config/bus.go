package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// BusKind is a kind of broker.
type BusKind string

// The kinds of brokers that a server can publish its events to.
const (
	NoBus    BusKind = ""
	RabbitMQ BusKind = "rabbitmq"
	NATS     BusKind = "nats"
	Kafka    BusKind = "kafka"
)

// busKinds are the brokers by the scheme of their URL.
var busKinds = map[string]BusKind{
	"amqp": RabbitMQ, "amqps": RabbitMQ,
	"nats": NATS, "tls": NATS,
	"kafka": Kafka, "kafkas": Kafka,
}

// BusKind is the kind of broker that --bus names.
func (c Config) BusKind() BusKind {
	scheme, _, _ := strings.Cut(c.Bus, ":")
	return busKinds[scheme]
}

// BusStream is the name of NATS' stream.
func (c Config) BusStream() string { return strings.ToUpper(c.BusTopic) }

// KafkaURL is what a kafka:// URL says.
type KafkaURL struct {
	Brokers        []string
	TLS            bool
	User, Password string
	// Mechanism is the one of SASL, empty without a user.
	Mechanism string
}

// ParseKafkaURL reads kafka://USER:PASSWORD@HOST:PORT,HOST:PORT?mechanism=SCRAM-SHA-512, or kafkas:// for TLS. Its errors repeat nothing
// of it.
func ParseKafkaURL(text string) (k KafkaURL, err error) {
	scheme, rest, _ := strings.Cut(text, "://")
	k.TLS = scheme == "kafkas"
	authority, query, _ := strings.Cut(rest, "?")
	authority = strings.TrimSuffix(authority, "/")
	hosts := authority
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		hosts = authority[at+1:]
		user, err := url.Parse("//" + authority[:at] + "@host")
		if err != nil || user.User == nil {
			return k, errors.New("--bus: user and password cannot be read; special characters in them are percent-encoded")
		}
		k.User = user.User.Username()
		k.Password, _ = user.User.Password()
		k.Mechanism = "SCRAM-SHA-512"
	}
	if strings.ContainsAny(hosts, "/#") {
		return k, errors.New("--bus: a kafka URL is hosts alone, without a path: the topic is named by --bus-topic")
	}
	for _, host := range list(hosts) {
		if _, _, err := net.SplitHostPort(host); err != nil {
			host += ":9092"
		}
		k.Brokers = append(k.Brokers, host)
	}
	if len(k.Brokers) == 0 {
		return k, errors.New("--bus: a kafka URL names no host")
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return k, errors.New("--bus: what follows the question mark cannot be read")
	}
	for name := range values {
		if name != "mechanism" {
			return k, errors.New("--bus: a kafka URL has no other parameter than mechanism")
		}
	}
	if values.Has("mechanism") {
		k.Mechanism = values.Get("mechanism")
	}
	if k.Mechanism != "" && k.User == "" {
		return k, errors.New("--bus: a mechanism needs a user and a password")
	}
	return k, nil
}

// WebhookPrefixes are the networks of --webhook-networks.
func (c Config) WebhookPrefixes() (all []netip.Prefix, err error) {
	for _, text := range list(c.WebhookNetworks) {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("--webhook-networks: %q is neither a network, as in 10.1.0.0/16, nor an address", text)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

// validateBus names what is wrong with how events leave. The broker's URL may hold a password, and is never repeated.
func (c Config) validateBus() error {
	if _, err := c.WebhookPrefixes(); err != nil {
		return err
	}
	if c.Bus == "" {
		return nil
	}
	switch c.BusKind() {
	case NoBus:
		return fmt.Errorf("--bus: %s is not known; use amqp[s]://, nats:// or tls://, or kafka[s]://", scheme(c.Bus))
	case Kafka:
		if _, err := ParseKafkaURL(c.Bus); err != nil {
			return err
		}
	case RabbitMQ, NATS:
	}
	for _, bound := range []struct {
		flag        string
		value, most int
	}{{"--bus-partitions", c.BusPartitions, maxBusPartitions}, {"--bus-replicas", c.BusReplicas, maxBusReplicas}} {
		if bound.value < 1 || bound.value > bound.most {
			return fmt.Errorf("%s %d must be 1 to %d", bound.flag, bound.value, bound.most)
		}
	}
	if c.BusTopic == "" || len(c.BusTopic) > maxBusTopic || strings.ContainsFunc(c.BusTopic, isNotOfTopic) {
		return fmt.Errorf("--bus-topic must be 1 to %d letters, digits, hyphens and underscores", maxBusTopic)
	}
	if (c.BusCert == "") != (c.BusKey == "") {
		return errors.New("--bus-cert and --bus-key are given together, or neither")
	}
	for flag, only := range map[string]struct {
		given bool
		kinds []BusKind
	}{
		"--bus-queue":       {c.BusQueue != "", []BusKind{RabbitMQ}},
		"--bus-credentials": {c.BusCredentials != "", []BusKind{NATS}},
	} {
		if only.given && !slices.Contains(only.kinds, c.BusKind()) {
			return fmt.Errorf("%s is for %s alone", flag, only.kinds[0])
		}
	}
	return nil
}

// isNotOfTopic tells whether a character would mean something in the name of an exchange, a subject or a topic.
func isNotOfTopic(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}
