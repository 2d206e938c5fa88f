package limit

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestIdentify(t *testing.T) {
	t.Parallel()
	const nobody = ""
	for name, test := range map[string]struct {
		trusted, peer string
		forwarded     []string
		want          string
		reason        string
	}{
		"a stranger":                      {"", "203.0.113.7:1", nil, "203.0.113.7", ""},
		"a stranger by IPv6":              {"", "[2001:db8:1:2::9]:1", nil, "2001:db8:1:2::/64", ""},
		"a stranger's invention":          {"", "203.0.113.7:1", []string{"198.51.100.1"}, "203.0.113.7", ""},
		"the machine itself":              {"", "127.0.0.1:1", nil, nobody, "no_header"},
		"the machine itself, mapped":      {"", "[::ffff:127.0.0.1]:1", nil, nobody, "no_header"},
		"a proxy on the machine":          {"", "127.0.0.1:1", []string{"203.0.113.7"}, "203.0.113.7", ""},
		"a proxy on the machine by IPv6":  {"", "[::1]:1", []string{"2001:db8:1:2::9"}, "2001:db8:1:2::/64", ""},
		"what the client wrote before":    {"", "127.0.0.1:1", []string{"1.1.1.1, 203.0.113.7"}, "203.0.113.7", ""},
		"lines before":                    {"", "127.0.0.1:1", []string{"1.1.1.1", "2.2.2.2, 203.0.113.7"}, "203.0.113.7", ""},
		"an empty line behind":            {"", "127.0.0.1:1", []string{"203.0.113.7", " , ,"}, "203.0.113.7", ""},
		"a client who claims to be local": {"", "127.0.0.1:1", []string{"127.0.0.1, 203.0.113.7"}, "203.0.113.7", ""},
		"an intranet":                     {"", "127.0.0.1:1", []string{"192.168.1.20"}, "192.168.1.20", ""},
		"a proxy nobody configured":       {"", "10.0.0.9:1", nil, nobody, "untrusted_peer"},
		"the same, with a header":         {"", "10.0.0.9:1", []string{"203.0.113.7"}, nobody, "untrusted_peer"},
		"the same in shared space":        {"", "100.64.3.4:1", []string{"203.0.113.7"}, nobody, "untrusted_peer"},
		"the same by IPv6":                {"", "[fd00::1]:1", nil, nobody, "untrusted_peer"},
		"a proxy behind the proxy":        {"", "127.0.0.1:1", []string{"203.0.113.7, 10.0.0.9"}, nobody, "untrusted_hop"},
		"both configured":                 {"10.0.0.0/8", "127.0.0.1:1", []string{"203.0.113.7, 10.0.0.9"}, "203.0.113.7", ""},
		"both, and an invention":          {"10.0.0.0/8", "10.0.0.1:1", []string{"9.9.9.9,203.0.113.7, 10.0.0.9"}, "203.0.113.7", ""},
		"trusted ones only":               {"10.0.0.0/8", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.9"}, nobody, "no_header"},
		"a public proxy":                  {"198.51.100.0/24", "198.51.100.4:1", []string{"203.0.113.7"}, "203.0.113.7", ""},
		"a public proxy without a header": {"198.51.100.0/24", "198.51.100.4:1", nil, nobody, "no_header"},
		"its neighbour":                   {"198.51.100.0/24", "198.51.101.4:1", []string{"203.0.113.7"}, "198.51.101.4", ""},
		"a port":                          {"", "127.0.0.1:1", []string{"203.0.113.7:5120"}, "203.0.113.7", ""},
		"brackets":                        {"", "127.0.0.1:1", []string{"[2001:db8:1:2::9]"}, "2001:db8:1:2::/64", ""},
		"brackets and a port":             {"", "127.0.0.1:1", []string{"[2001:db8:1:2::9]:80"}, "2001:db8:1:2::/64", ""},
		"a mapped address":                {"", "127.0.0.1:1", []string{"::ffff:203.0.113.7"}, "203.0.113.7", ""},
		"no address":                      {"", "127.0.0.1:1", []string{"203.0.113.7, unknown"}, nobody, "bad_header"},
		"a host name":                     {"", "127.0.0.1:1", []string{"evil.example"}, nobody, "bad_header"},
		"brackets around nothing":         {"", "127.0.0.1:1", []string{"[]"}, nobody, "bad_header"},
		"brackets around IPv4":            {"", "127.0.0.1:1", []string{"[203.0.113.7]"}, nobody, "bad_header"},
		"an endless list":                 {"", "127.0.0.1:1", []string{strings.Repeat("127.0.0.1,", 5000)}, nobody, "bad_header"},
		"a Unix socket":                   {"", "@", nil, nobody, "untrusted_peer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			if test.trusted != "" {
				f = newFixture(test.trusted)
			}
			lines := slices.Clone(test.forwarded)
			equal(t, "the client", f.Identify(test.peer, test.forwarded).String(), test.want)
			if !slices.Equal(lines, test.forwarded) {
				t.Errorf("the header was changed to %q", test.forwarded)
			}
			if test.reason == "" && len(f.tally.times) > 0 || test.reason != "" && f.tally.of("unidentified "+test.reason) != 1 {
				t.Errorf("the meter was told %v", f.tally.times)
			}
		})
	}
}

// Whatever a client writes itself, it stays the client that the proxy saw.
func TestNobodyChoosesWhoTheyAre(t *testing.T) {
	t.Parallel()
	address := rapid.Custom(func(t *rapid.T) string {
		if rapid.Bool().Draw(t, "IPv4") {
			return netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))).String()
		}
		return netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "address"))).String()
	})
	rapid.Check(t, func(t *rapid.T) {
		f := newFixture("10.0.0.0/8")
		own := rapid.SliceOfN(rapid.OneOf(address, rapid.String()), 0, 6).Draw(t, "what the client wrote")
		proxies := rapid.SliceOfN(rapid.SampledFrom([]string{"10.1.2.3", "127.0.0.1"}), 0, 4).Draw(t, "the proxies")
		all := slices.Concat(own, []string{"203.0.113.7"}, proxies)
		var lines []string
		for len(all) > 0 { // proxies add to a line or make a new one, as they like
			n := rapid.IntRange(1, len(all)).Draw(t, "a line's length")
			lines = append(lines, strings.Join(all[:n], rapid.SampledFrom([]string{",", ", ", " ,\t"}).Draw(t, "comma")))
			all = all[n:]
		}
		if got := f.Identify("127.0.0.1:80", lines).String(); got != "203.0.113.7" {
			t.Fatalf("it is %q", got)
		}
	})
}

// The control of the test above: without a proxy in between, or with one that is not trusted, nothing of it is believed.
func TestUntrustedHeadersAreIgnoredAndSaidOnce(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for range 100 {
		equal(t, "the client", f.Identify("198.51.100.77:1", []string{"203.0.113.7"}).String(), "198.51.100.77")
	}
	said := strings.Count(f.log.String(), "X-Forwarded-For is ignored")
	equal(t, "lines about the header", said, 1)
	if !strings.Contains(f.log.String(), "level=WARN") || strings.Contains(f.log.String(), "198.51.100.77") {
		t.Errorf("the log has %s", f.log)
	}
	f.clock.Advance(noticeEvery)
	f.Identify("198.51.100.77:1", []string{"203.0.113.7"})
	equal(t, "lines an hour later", strings.Count(f.log.String(), "X-Forwarded-For is ignored"), 2)
}

// A shop behind a proxy that nobody configured: everybody gets through, and the operator is told, loudly.
func TestProxyThatNobodyConfigured(t *testing.T) {
	t.Parallel()
	for name, peer := range map[string]string{"on another machine": "10.0.0.9:1", "by the container's network": "172.17.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture()
			for range 20_000 {
				if err := f.Allow(f.Identify(peer, nil), Requests); err != nil {
					t.Fatal(err)
				}
			}
			equal(t, "warnings", strings.Count(f.log.String(), "level=WARN"), 1)
			equal(t, "what the meter was told", f.tally.of("unidentified untrusted_peer"), 20_000)
		})
	}
}

// The machine itself is not worth a warning, unless it does more than one client may: then it is a proxy without the header.
func TestProxyOnTheMachineWithoutTheHeader(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for range 500 {
		f.Identify("127.0.0.1:1", nil)
	}
	equal(t, "warnings about a browser", strings.Count(f.log.String(), "level=WARN"), 0)
	equal(t, "mentions", strings.Count(f.log.String(), "level=INFO"), 1)
	for range 5000 {
		if err := f.Allow(f.Identify("127.0.0.1:1", nil), Requests); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "warnings about a proxy", strings.Count(f.log.String(), "level=WARN"), 1)
}

// FuzzIdentify: whatever comes, the result is nobody or the address of an element that was written, and never a trusted proxy's.
func FuzzIdentify(f *testing.F) {
	for _, seed := range []string{
		"", "203.0.113.7", "1.1.1.1, [2001:db8::1]:80", ",,,", "unknown", "10.0.0.1, 127.0.0.1", "[", "::ffff:1.2.3.4%x",
	} {
		f.Add("127.0.0.1:80", seed, seed)
		f.Add("203.0.113.9:80", seed, "")
	}
	f.Fuzz(func(t *testing.T, peer, first, second string) {
		limiter := newFixture()
		c := limiter.Identify(peer, []string{first, second})
		if !c.Known() {
			return
		}
		if addr, err := netip.ParseAddrPort(peer); err == nil && Address(addr.Addr()) == c {
			return
		}
		for part := range strings.SplitSeq(first+","+second, ",") {
			if addr, ok := parseHop(strings.Trim(part, " \t")); ok && Address(addr) == c && !limiter.trusts(addr) {
				return
			}
		}
		t.Fatalf("%q, %q and %q are %v", peer, first, second, c)
	})
}
