package config_test

import (
	"reflect"
	"strings"
	"testing"

	"vacancy/internal/config"
)

func TestBusKinds(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]config.BusKind{
		"": config.NoBus, "amqp://h": config.RabbitMQ, "amqps://u:p@h/v": config.RabbitMQ, "nats://h,nats://i": config.NATS,
		"tls://h":   config.NATS,
		"kafka://h": config.Kafka, "kafkas://u:p@h:1,i:2": config.Kafka,
	} {
		c := config.Default()
		c.Bus = url
		if c.BusKind() != want || c.Validate() != nil {
			t.Errorf("%s is %q, %v", url, c.BusKind(), c.Validate())
		}
	}
}

func TestBusSettingsAreNamed(t *testing.T) {
	t.Parallel()
	for flag, spoil := range map[string]func(*config.Config){
		"--bus:":             func(c *config.Config) { c.Bus = "redis://h" },
		"--bus-topic":        func(c *config.Config) { c.BusTopic = "a.b" },
		"--bus-partitions":   func(c *config.Config) { c.BusPartitions = 0 },
		"--bus-replicas":     func(c *config.Config) { c.BusReplicas = 9 },
		"--bus-cert":         func(c *config.Config) { c.BusCert = "f.pem" },
		"--bus-queue":        func(c *config.Config) { c.BusQueue = "all" },
		"--bus-credentials":  func(c *config.Config) { c.Bus, c.BusCredentials = "amqp://h", "f.creds" },
		"--webhook-networks": func(c *config.Config) { c.WebhookNetworks = "intranet" },
	} {
		c := config.Default()
		c.Bus = "kafka://h"
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: the error is %v", flag, err)
		}
	}
}

func TestParseKafkaURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]config.KafkaURL{
		"kafka://a":             {Brokers: []string{"a:9092"}},
		"kafka://a:1,b/":        {Brokers: []string{"a:1", "b:9092"}},
		"kafkas://[::1]:9,[::]": {Brokers: []string{"[::1]:9", "[::]:9092"}, TLS: true},
		"kafka://u:p%40%2F@a":   {Brokers: []string{"a:9092"}, User: "u", Password: "p@/", Mechanism: "SCRAM-SHA-512"},
		"kafkas://u:p@a?mechanism=PLAIN": {
			Brokers: []string{"a:9092"}, TLS: true, User: "u", Password: "p", Mechanism: "PLAIN",
		},
	} {
		if got, err := config.ParseKafkaURL(url); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
}

func TestBusPasswordsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"redis://user:secret@h", "kafka://user:secret@", "kafka://user:secret@h/secret", "kafka://user:%zzsecret@h", "kafka://h?mechanism=secret",
		"kafka://user:secret@h?secret=1", "secret",
	} {
		c := config.Default()
		c.Bus = url
		if err := c.Validate(); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error is %v", url, err)
		}
	}
}
