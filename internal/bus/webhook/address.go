package webhook

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"vacancy/internal/booking"
)

// checkURL refuses addresses that cannot work, before anything is stored. Where they lead is judged when they are dialled; only addresses
// that are written as numbers are judged here too, since whoever sets them is told at once. What it says does not repeat the address, which
// may hold a secret.
func (g *guard) checkURL(text string) error {
	if message := g.faultOf(text); message != "" {
		return booking.NewInvalid("url", "%s", message)
	}
	return nil
}

func (g *guard) faultOf(text string) string {
	if len(text) > MaxURL {
		return "must have at most " + strconv.Itoa(MaxURL) + " bytes"
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Opaque != "" || u.Host == "" || u.Hostname() == "":
		return "must be an address such as https://example.com/hooks"
	case u.Scheme != "https" && u.Scheme != "http":
		return "must begin with https://"
	case u.Scheme == "http" && len(g.allowed) == 0:
		return "must begin with https://: plain http is for networks that the operator of the server has allowed"
	case u.User != nil:
		return "must not have a user or a password: what is sent is signed"
	case u.Fragment != "" || strings.Contains(text, "#"):
		return "must not have a fragment"
	case !validPort(u):
		return "must have a port of 1 to 65535, or none"
	}
	return g.hostFault(u)
}

const hostLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_."

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

func (g *guard) hostFault(u *url.URL) string {
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil {
		if err := g.check(addr, u.Scheme == "http"); err != nil {
			return err.Error()
		}
		return ""
	}
	name := strings.TrimSuffix(host, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case last == "", len(name) > 253, strings.Contains(name, ".."), strings.Trim(strings.ToLower(name), hostLetters) != "":
		return "must have a host in ASCII: a name with other letters begins with xn-- there"
	case last[0] >= '0' && last[0] <= '9':
		// The last label of a name never begins with a digit, and 0x7f.1, 2130706433 or 0177.0.0.1 are addresses to some resolvers.
		return "must have an address in its usual form, such as 192.0.2.1, or a name"
	}
	return ""
}
