package app

import (
	"testing"

	"vacancy/internal/config"
)

// The server that runs is asked where it wants no key, and nowhere else.
func TestLocalMetricsURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		listen, admin string
		tls           bool
		want          string
	}{
		{listen: "127.0.0.1:8080", want: "http://127.0.0.1:8080/metrics"},
		{listen: "localhost:8443", tls: true, want: "https://localhost:8443/metrics"},
		{listen: "0.0.0.0:80", want: "http://127.0.0.1:80/metrics"},
		{listen: ":80", want: "http://127.0.0.1:80/metrics"},
		{listen: "[::]:443", tls: true, want: "https://127.0.0.1:443/metrics"},
		{listen: "192.0.2.7:80", want: ""},
		{listen: "127.0.0.1:0", want: ""},
		{listen: "192.0.2.7:443", admin: "10.0.0.7:9090", tls: true, want: "http://10.0.0.7:9090/metrics"},
		{listen: "192.0.2.7:443", admin: ":9090", tls: true, want: "http://127.0.0.1:9090/metrics"},
	} {
		settings := config.Default()
		settings.Listen, settings.AdminListen = c.listen, c.admin
		if c.tls {
			settings.TLSCert, settings.TLSKey = "chain.pem", "key.pem"
		}
		if got := localMetricsURL(settings); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
