package webhook_test

import (
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vacancy/internal/bus/webhook"
)

// specialNetworks are all of IANA's registries of special-purpose addresses (IPv4: RFC 6890 and its successors, read in 2026; IPv6 alike),
// with multicast and what is given out to nobody, and what dresses an IPv4 address up as IPv6.
var specialNetworks = []string{
	"0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.0.0/29",
	"192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/32", "192.0.0.171/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"255.255.255.255/32",

	"::1/128", "::/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32",
	"2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28",
	"2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
	"ff00::/8", "::/96", "::ffff:0:0:0/96", "::/3", "4000::/3", "6000::/3", "8000::/1",
}

// TestSpecialAddressesAreRefused takes any address of any special network.
func TestSpecialAddressesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range specialNetworks {
		network := netip.MustParsePrefix(text)
		for _, addr := range []netip.Addr{network.Addr(), last(network)} {
			if webhook.CheckAddress(addr, false) == nil {
				t.Errorf("%s, of %s, is let through", addr, network)
			}
		}
		rapid.Check(t, func(t *rapid.T) {
			addr := inside(network, rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bits"))
			if webhook.CheckAddress(addr, false) == nil {
				t.Fatalf("%s, of %s, is let through", addr, network)
			}
		})
	}
}

// inside is an address of a network, with the given bits behind the prefix.
func inside(network netip.Prefix, bits []byte) netip.Addr {
	b := network.Addr().AsSlice()
	for i := range b {
		switch kept := network.Bits() - 8*i; {
		case kept <= 0:
			b[i] = bits[i]
		case kept < 8:
			b[i] |= bits[i] & (0xff >> kept)
		}
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr
}

func last(network netip.Prefix) netip.Addr {
	all := make([]byte, 16)
	for i := range all {
		all[i] = 0xff
	}
	return inside(network, all)
}

func TestDisguisesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::",
		"2001:0:4136:e378:8000:63bf:3fff:fdd2",
		"2a00:1450:4001:0:0:5efe:10.0.0.1", "2a00:1450:4001:0:200:5efe:10.0.0.1", "fe80::1%eth0", "2a00:1450::1%eth0",
		"169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254",
	} {
		if err := webhook.CheckAddress(netip.MustParseAddr(text), false); err == nil {
			t.Errorf("%s is let through", text)
		}
	}
	if webhook.CheckAddress(netip.Addr{}, false) == nil {
		t.Error("no address is let through")
	}
}

// TestPublicAddressesAreNot: what is next to each special network is public, as far as it is none itself.
func TestPublicAddressesAreNot(t *testing.T) {
	t.Parallel()
	public := []string{
		"1.1.1.1", "8.8.8.8", "93.184.216.34", "223.255.255.255",
		"2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2001:200::1",
	}
	for _, text := range specialNetworks {
		network := netip.MustParsePrefix(text)
		for _, addr := range []netip.Addr{network.Addr().Prev(), last(network).Next()} {
			if addr.IsValid() && !special(addr) {
				public = append(public, addr.String())
			}
		}
	}
	if len(public) < 25 {
		t.Errorf("only %d addresses are looked at", len(public))
	}
	for _, text := range public {
		if err := webhook.CheckAddress(netip.MustParseAddr(text), false); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if webhook.CheckAddress(netip.MustParseAddr(text), true) == nil {
			t.Errorf("%s is let through without TLS", text)
		}
	}
}

func special(addr netip.Addr) bool {
	for _, text := range specialNetworks {
		if netip.MustParsePrefix(text).Contains(addr) {
			return true
		}
	}
	return false
}

// TestAllowedNetworks: what the operator allows is let through, without TLS too, and nothing else is; secrets of clouds only by name.
func TestAllowedNetworks(t *testing.T) {
	t.Parallel()
	allowed := []netip.Prefix{
		netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("169.254.0.0/16"),
		netip.MustParsePrefix("100.100.100.200/32"),
	}
	for text, want := range map[string]bool{
		"10.1.2.3": true, "10.2.0.1": false, "fd00:1::1": true, "fe80::1": false, "127.0.0.1": false, "169.254.1.1": true,
		"169.254.169.254": false, "fd00:ec2::254": false, "100.100.100.200": true, "::ffff:10.1.2.3": false,
	} {
		for _, plain := range []bool{false, true} {
			if err := webhook.CheckAddress(netip.MustParseAddr(text), plain, allowed...); (err == nil) != want {
				t.Errorf("%s, plain %t: %v, want it let through: %t", text, plain, err, want)
			}
		}
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	inside := netip.MustParsePrefix("10.1.0.0/16")
	for text, want := range map[string]string{
		"https://example.com/hooks?a=b": "", "https://example.com": "", "https://example.com:8443/x": "", "https://example.com:22/": "",
		"https://example.com./x": "", "https://xn--bcher-kva.example/": "", "https://8.8.8.8/": "", "https://[2606:4700:4700::1111]:443/": "",
		"http://10.1.2.3:8080/": "", "https://10.1.2.3/": "", "http://intranet/": "", "https://a_b.example/": "",

		"": "such as", "/hooks": "such as", "example.com": "such as", "https:example.com": "such as", "https://": "such as",
		"https://:443/":      "such as",
		"ftp://example.com/": "https://", "http://8.8.8.8/": "plain http", "file:///etc/passwd": "such as", "javascript:alert(1)": "such as",
		"https://user:hunter2@example.com/": "user", "https://user@example.com/": "user", "https://example.com/#a": "fragment",
		"https://example.com/#": "fragment", "https://example.com:0/": "port", "https://example.com:65536/": "port",
		"https://example.com:/": "port",
		"https://127.0.0.1/":    "this machine", "https://[::1]/": "local", "https://169.254.169.254/latest/meta-data": "cloud",
		"https://[::ffff:127.0.0.1]/": "guise", "https://[fe80::1%25eth0]/": "link-local", "https://0/": "usual form",
		"https://2130706433/": "usual form", "https://0x7f000001/": "usual form", "https://0177.0.0.1/": "usual form",
		"https://127.1/":  "usual form",
		"https://0x7f.1/": "usual form", "https://127.0.0.1./": "usual form", "https://127.0.0.0x1/": "usual form",
		"https://bücher.example/": "ASCII", "https://１２７.0.0.1/": "ASCII", "https://exa mple.com/": "such as", "https://example..com/": "ASCII",
		"https://./": "ASCII", "https://example.com/\n": "such as", "https://" + strings.Repeat("a", 300) + ".example/": "ASCII",
		"https://example.com/" + strings.Repeat("a", webhook.MaxURL): "at most",
	} {
		err := webhook.CheckURL(text, inside)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "url: ")):
			t.Errorf("%.80s: %v, want one about %q", text, err, want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s is repeated: %v", text, err)
		}
	}
	if err := webhook.CheckURL("http://intranet/"); err == nil {
		t.Error("plain http is taken though no network is allowed")
	}
}
