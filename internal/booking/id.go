package booking

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Identifiers. Those of venues, resources and services are the operator's own words; see [ValidID] for their form.
type (
	VenueID    string
	ResourceID string
	ServiceID  string
	// BookingID is made by [NewBookingID]: sortable by time of creation, and not guessable.
	BookingID string
)

// Revision counts the changes of one venue: 1, 2, 3, ... without gaps, in the order of their commits. Zero stands before the
// first change.
type Revision uint64

// Epoch is the identity of a database's history. Positions of one epoch mean nothing in another.
type Epoch string

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// ValidID tells whether s has the form of an identifier: 1 to 64 of a-z, 0-9, '-' and '_', beginning with a letter or digit.
func ValidID(s string) bool { return idForm.MatchString(s) }

// serverPaths are the first parts of the server's own addresses: no venue's page can stand there.
var serverPaths = map[VenueID]bool{
	"v1": true, "docs": true, "console": true, "widget": true, "assets": true,
	"live": true, "healthz": true, "readyz": true, "metrics": true,
}

// ServerPath tells whether the server's own addresses begin with the id.
func (id VenueID) ServerPath() bool { return serverPaths[id] }

// reservedIDs are words that a later page or a part of the server may need as its address, or that a stranger would take for the
// server's word rather than a venue's.
var reservedIDs = []VenueID{
	"about", "abuse", "account", "accounts", "acme", "admin", "administrator", "alerts", "api", "app", "apps", "archive", "assets",
	"auth", "availability", "backup", "billing", "blog", "book", "booking", "bookings", "browse", "cache", "calendar", "callback",
	"cancel", "cart", "catalogue", "cdn", "changelog", "checkout", "config", "confirm", "console", "contact", "cookies", "css",
	"customer", "customers", "dashboard", "debug", "developers", "directory", "discover", "doc", "docs", "download", "downloads",
	"email", "embed", "error", "errors", "events", "explore", "export", "failover", "faq", "favicon", "feed", "feedback", "files",
	"fonts", "graphql", "health", "healthz", "help", "home", "hooks", "ical", "ics", "images", "img", "import", "impressum", "imprint",
	"index", "info", "install", "internal", "invite", "jobs", "js", "keys", "legal", "license", "live", "livez", "login", "logout",
	"logs", "mail", "manage", "manifest", "mcp", "media", "metrics", "news", "notifications", "null", "oauth", "oauth2",
	"offers", "oidc", "openapi", "operator", "password", "pay", "payment", "payments", "ping", "policy", "pprof", "preview", "pricing",
	"privacy", "profile", "proxy", "public", "pwa", "readyz", "register", "report", "reports", "reset", "resource", "resources",
	"robots", "root", "rss", "saml", "schema", "schemas", "search", "security", "service", "services", "session", "sessions",
	"settings", "setup", "signin", "signout", "signup", "sitemap", "sse", "sso", "staff", "static", "stats", "status", "stream",
	"style", "support", "sw", "swagger", "sync", "terms", "token", "tokens", "undefined", "unsubscribe", "update", "upload", "uploads",
	"user", "users", "v0", "v1", "v2", "v3", "vacancy", "venues", "verify", "version", "waitlist", "webhook", "webhooks", "websocket",
	"well-known", "widget", "widgets", "wiki", "ws", "www",
}

// Reserved tells whether no new venue may have the id. A venue that has had it since before it was reserved goes on.
func (id VenueID) Reserved() bool { return slices.Contains(reservedIDs, id) }

// idEncoding sorts like the bytes it encodes: its alphabet ascends, and it has no padding.
var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewBookingID makes the id of a booking created at now: "bk_", 48 bits of milliseconds, 80 random bits.
func NewBookingID(now time.Time) BookingID {
	var raw [16]byte
	_, _ = rand.Read(raw[6:]) // never fails: crypto/rand ends the program instead
	ms := uint64(max(now.UnixMilli(), 0))
	binary.BigEndian.PutUint16(raw[0:2], uint16(ms>>32))
	binary.BigEndian.PutUint32(raw[2:6], uint32(ms))
	return BookingID("bk_" + idEncoding.EncodeToString(raw[:]))
}

// Code is the short form of a booking's id that people read to each other: eight of its random characters, "7KQ2-M9XD". It
// helps to find a booking at the counter; it identifies and authorises nothing.
func (id BookingID) Code() string {
	if len(id) < 8 {
		return strings.ToUpper(string(id))
	}
	tail := strings.ToUpper(string(id[len(id)-8:]))
	return tail[:4] + "-" + tail[4:]
}
