package config_test

import (
	"strings"
	"testing"
	"time"

	"vacancy/internal/config"
)

func TestValidateNamesTheSetting(t *testing.T) {
	t.Parallel()
	if err := config.Default().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for flag, spoil := range map[string]func(*config.Config){
		"--listen":           func(c *config.Config) { c.Listen = "nonsense" },
		"--agent-listen":     func(c *config.Config) { c.AgentListen = "127.0.0.1:9100" },
		"--agent-weight":     func(c *config.Config) { c.AgentWeight = 101 },
		"--database":         func(c *config.Config) { c.Database = "oracle://host/db" },
		"--alert-webhook":    func(c *config.Config) { c.AlertWebhook = "hooks.example/secret" },
		"--probe-interval":   func(c *config.Config) { c.ProbeInterval = time.Millisecond },
		"--otlp must":        func(c *config.Config) { c.OTLP = "collector:4318" },
		"--otlp-trace-share": func(c *config.Config) { c.OTLPTraceShare = 2 },
		"--limits":           func(c *config.Config) { c.Limits = "some" },
		"--trusted-proxies":  func(c *config.Config) { c.TrustedProxies = "10.0.0.0/8,proxy.example" },
		"--connections":      func(c *config.Config) { c.Connections = 0 },
		"--max-readers":      func(c *config.Config) { c.MaxReaders = 0 },
		"--max-waiting":      func(c *config.Config) { c.MaxWaiting = -1 },
		"--max-venues":       func(c *config.Config) { c.MaxVenues = 0 },
		"--drain-delay":      func(c *config.Config) { c.DrainDelay = -1 },
		"--drain-time":       func(c *config.Config) { c.DrainTime = -1 },
		"--shutdown-timeout": func(c *config.Config) { c.ShutdownTimeout = 0 },
	} {
		c := config.Default()
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: the error is %v", flag, err)
		}
	}
}

func TestPasswordsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"oracle://user:secret@host/db", "host=127.0.0.1 password=secret dbname=x", "secret", "user:secret", "mysql://h/d?password=secret",
	} {
		c := config.Default()
		c.Database = url
		if err := c.Validate(); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error is %v", url, err)
		}
	}
}

func TestWebhooksAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"hooks.example/secret", "ftp://hooks.example/secret", "https:///secret", "http://[::1/secret"} {
		c := config.Default()
		c.AlertWebhook = url
		if err := c.Validate(); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error is %v", url, err)
		}
	}
}

func TestDatabaseKinds(t *testing.T) {
	t.Parallel()
	c := config.Default()
	for _, url := range []string{"postgres://vacancy@db.example/vacancy", "postgresql:///vacancy?host=/run/postgresql"} {
		c.Database = url
		if got, ok := c.PostgresURL(); !ok || got != url || c.Validate() != nil {
			t.Errorf("%s: %q, %v, %v", url, got, ok, c.Validate())
		}
		if path, ok := c.SQLitePath(); ok {
			t.Errorf("%s is taken for the file %q", url, path)
		}
	}
	c.Database = "sqlite:/var/lib/vacancy/v.db"
	if path, ok := c.SQLitePath(); !ok || path != "/var/lib/vacancy/v.db" || c.Validate() != nil {
		t.Errorf("%q, %v, %v", path, ok, c.Validate())
	}
	c.Database = "sqlite:"
	if c.Validate() == nil {
		t.Error("a database without a file is accepted")
	}
}
