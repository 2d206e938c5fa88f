package booking

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// NormalizeOrigin is a web origin as browsers send it: scheme and host in small letters, no default port, nothing behind. False for what
// no browser ever sends, and so would never match: wildcards, paths, hosts that are not in ASCII.
func NormalizeOrigin(s string) (origin string, ok bool) {
	u, err := url.Parse(s)
	if err != nil || u.Opaque != "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	// What is left must be all there is: "https://a?" and "https://a#" end here.
	if len(s) != len(u.Scheme)+len("://")+len(u.Host) || !strings.EqualFold(s, u.Scheme+"://"+u.Host) {
		return "", false
	}
	defaultPort := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if defaultPort == "" || !validHost(host, strings.HasPrefix(u.Host, "[")) || strings.HasSuffix(u.Host, ":") {
		return "", false
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || port == defaultPort {
		return u.Scheme + "://" + host, true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return "", false
	}
	return u.Scheme + "://" + host + ":" + port, true
}

// NormalizeOrigins are origins as browsers send them, each once. What is none stays as it is, to be refused.
func NormalizeOrigins(given []string) (origins []string) {
	for _, o := range given {
		if normal, ok := NormalizeOrigin(o); ok {
			o = normal
		}
		if !slices.Contains(origins, o) {
			origins = append(origins, o)
		}
	}
	return origins
}

// validHost tells whether a host is one of an origin: an IP address as browsers write it, or a name of letters, digits and hyphens.
func validHost(host string, bracketed bool) bool {
	if bracketed {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Is6() && !addr.Is4In6() && addr.Zone() == "" && addr.String() == host
	}
	if host == "" || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}
