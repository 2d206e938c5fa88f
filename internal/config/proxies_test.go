package config_test

import (
	"strings"
	"testing"

	"vacancy/internal/config"
)

// Networks are read as they are written, mapped addresses as what they map.
func TestProxies(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"":                                "[]",
		"127.0.0.1":                       "[127.0.0.1/32]",
		"127.0.0.1, 10.0.0.0/8,":          "[127.0.0.1/32 10.0.0.0/8]",
		"10.1.2.3/8":                      "[10.0.0.0/8]",
		"::1,2001:db8::/32":               "[::1/128 2001:db8::/32]",
		"::ffff:10.0.0.1":                 "[10.0.0.1/32]",
		"::ffff:10.0.0.0/104":             "[10.0.0.0/8]",
		"proxy.example":                   "error",
		"10.0.0.0/33":                     "error",
		"10.0.0.1;10.0.0.2":               "error",
		"fe80::1%eth0":                    "[fe80::1/128]",
		"0.0.0.0/0":                       "[0.0.0.0/0]",
		"*":                               "error",
		"10.0.0.0/8 192.168.0.0/16":       "error",
		"10.0.0.0/8\n":                    "[10.0.0.0/8]",
		"2001:db8:0:0:0:0:0:1/64 , ::1/0": "[2001:db8::/64 ::/0]",
	} {
		got := "error"
		if proxies, err := (config.Config{TrustedProxies: list}).Proxies(); err == nil {
			parts := make([]string, len(proxies))
			for i, p := range proxies {
				parts[i] = p.String()
			}
			got = "[" + strings.Join(parts, " ") + "]"
		}
		if got != want {
			t.Errorf("%q is read as %s; want %s", list, got, want)
		}
	}
}
