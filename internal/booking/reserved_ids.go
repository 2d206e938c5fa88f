package booking

import "slices"

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
