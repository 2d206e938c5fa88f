package rabbitbus_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
)

// TestBadURLs: parts of a password that was not encoded are taken for something else by whoever parses the URL, and none is shown.
func TestBadURLs(t *testing.T) {
	t.Parallel()
	for _, special := range []string{"/", "?", "#", "@", "%", "%zz", " ", ":/", "@:", "[", "\n", "/@", "%2"} {
		for _, host := range []string{"rabbit.test", "rabbit.test:5672", "[::1]"} {
			url := "amqp://relay:alpha" + special + "omega@" + host + "/"
			b, err := rabbitbus.New(rabbitbus.Config{URL: url, Log: bustest.NewLog().Logger()})
			if err == nil {
				t.Errorf("%q is taken", url)
				_ = b.Close()
				continue
			}
			if strings.Contains(err.Error(), "alpha") || strings.Contains(err.Error(), "omega") {
				t.Errorf("%q: the password is shown: %v", url, err)
			}
		}
	}
	for _, url := range []string{
		"", "rabbit.test", "http://rabbit.test/", "amqp://rabbit.test:port/", "amqp://rabbit.test/?auth_mechanism=magic",
	} {
		if b, err := rabbitbus.New(rabbitbus.Config{URL: url, Log: bustest.NewLog().Logger()}); err == nil {
			t.Errorf("%q is taken", url)
			_ = b.Close()
		}
	}
}

// TestBadConfigurations are refused at the start, before anything is sent.
func TestBadConfigurations(t *testing.T) {
	t.Parallel()
	garbage := filepath.Join(t.TempDir(), "garbage.pem")
	must(t, os.WriteFile(garbage, []byte("garbage"), 0o600))
	for name, test := range map[string]struct {
		config rabbitbus.Config
		says   string
	}{
		"an authority that is missing":    {rabbitbus.Config{URL: "amqps://h/", CAFile: "missing.pem"}, "missing.pem"},
		"an authority that is none":       {rabbitbus.Config{URL: "amqps://h/", CAFile: garbage}, garbage},
		"a certificate that is none":      {rabbitbus.Config{URL: "amqps://h/", CertFile: garbage, KeyFile: garbage}, "certificate"},
		"a certificate without a key":     {rabbitbus.Config{URL: "amqps://h/", CertFile: garbage}, "key"},
		"a certificate, and no TLS":       {rabbitbus.Config{URL: "amqp://h/", CAFile: garbage}, "amqps://"},
		"a long name of an exchange":      {rabbitbus.Config{URL: "amqp://h/", Exchange: strings.Repeat("x", 250)}, "exchange"},
		"a long name of a queue":          {rabbitbus.Config{URL: "amqp://h/", Queue: strings.Repeat("x", 256)}, "queue"},
		"a negative limit":                {rabbitbus.Config{URL: "amqp://h/", QueueLimit: -1}, "negative"},
		"a heartbeat that is none at all": {rabbitbus.Config{URL: "amqp://h/", Heartbeat: time.Millisecond}, "heartbeat"},
	} {
		test.config.Log = bustest.NewLog().Logger()
		b, err := rabbitbus.New(test.config)
		if err == nil {
			_ = b.Close()
		}
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want something about %s", name, err, test.says)
		}
	}
}
