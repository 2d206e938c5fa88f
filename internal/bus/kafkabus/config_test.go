package kafkabus_test

import (
	"strings"
	"testing"

	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/kafkabus"
)

// What is wrong with a configuration is said before anything is connected to, and without a password that may be in it.
func TestConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(c *kafkabus.Config)
		says   string // empty: it is right
	}{
		"the least":         {change: func(*kafkabus.Config) {}},
		"one of everything": {change: func(c *kafkabus.Config) { c.Partitions, c.Replicas, c.MinInSync = 1, 1, 1 }},
		"one replica":       {change: func(c *kafkabus.Config) { c.Replicas = 1 }},
		"IPv6":              {change: func(c *kafkabus.Config) { c.Brokers = []string{"[::1]:9092"} }},
		"a login":           {change: func(c *kafkabus.Config) { c.Mechanism, c.User, c.Password = "SCRAM-SHA-512", "u", "secret" }},
		"no brokers":        {change: func(c *kafkabus.Config) { c.Brokers = nil }, says: "no broker"},
		"a URL": {
			change: func(c *kafkabus.Config) { c.Brokers = []string{"kafka://u:secret@h:1"} }, says: "broker 1 of the list is not host:port",
		},
		"a password in a name": {
			change: func(c *kafkabus.Config) { c.Brokers = []string{"h:1", "u:secret@h:1"} }, says: "broker 2 of the list",
		},
		"no port":                 {change: func(c *kafkabus.Config) { c.Brokers = []string{"kafka"} }, says: "host:port"},
		"no host":                 {change: func(c *kafkabus.Config) { c.Brokers = []string{":9092"} }, says: "host:port"},
		"a port that is none":     {change: func(c *kafkabus.Config) { c.Brokers = []string{"kafka:90920"} }, says: "65535"},
		"a topic's name":          {change: func(c *kafkabus.Config) { c.Topic = "vacancy events" }, says: "topic"},
		"a long topic's name":     {change: func(c *kafkabus.Config) { c.Topic = strings.Repeat("x", 250) }, says: "249"},
		"hints among the events":  {change: func(c *kafkabus.Config) { c.Topic, c.Hints = "t", "t" }, says: "topics of their own"},
		"negative partitions":     {change: func(c *kafkabus.Config) { c.Partitions = -1 }, says: "a partition"},
		"more in sync than exist": {change: func(c *kafkabus.Config) { c.Replicas, c.MinInSync = 2, 3 }, says: "2 only"},
		"a certificate, no key":   {change: func(c *kafkabus.Config) { c.CertFile = "c.pem" }, says: "needs its key"},
		"a user, no mechanism":    {change: func(c *kafkabus.Config) { c.User, c.Password = "u", "secret" }, says: "mechanism"},
		"a mechanism, no user":    {change: func(c *kafkabus.Config) { c.Mechanism, c.Password = "PLAIN", "secret" }, says: "no user"},
		"another mechanism": {
			change: func(c *kafkabus.Config) { c.Mechanism, c.User, c.Password = "GSSAPI", "u", "secret" }, says: "SCRAM-SHA-512",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := kafkabus.Config{Brokers: []string{"127.0.0.1:1"}, Log: bustest.NewLog().Logger()}
			c.change(&config)
			b, err := kafkabus.New(config)
			if err == nil {
				if err := b.Close(); err != nil {
					t.Error(err)
				}
			}
			if got := errorText(err); (got == "") != (c.says == "") || !strings.Contains(got, c.says) || strings.Contains(got, "secret") {
				t.Errorf("%q, want %q", got, c.says)
			}
		})
	}
}

// A password that is sent for everybody to read is told of, and one that is not sent so, is not.
func TestPasswordInPlainText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mechanism string
		tls       bool
		told      bool
	}{
		"PLAIN": {"PLAIN", false, true}, "PLAIN over TLS": {"PLAIN", true, false}, "SCRAM": {"SCRAM-SHA-256", false, false},
	} {
		log := bustest.NewLog()
		open(t, kafkabus.Config{
			Brokers: []string{"127.0.0.1:1"}, Log: log.Logger(), Mechanism: c.mechanism, User: "u", Password: "secret", TLS: c.tls,
		})
		if told := strings.Contains(log.String(), "plain text"); told != c.told {
			t.Errorf("%s: told is %t:\n%s", name, told, log)
		}
	}
}
