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
	"about", "abuse", "account", "accounts", "acme", "admin", "administrator", "agent", "agents", "alerts", "api", "app", "apps", "archive",
	"assets", "auth", "availability", "backup", "billing", "blog", "book", "booking", "bookings", "browse", "cache", "calendar", "callback",
	"cancel", "cart", "catalogue", "cdn", "changelog", "checkout", "config", "confirm", "console", "contact", "cookies", "create", "css",
	"customer", "customers", "dashboard", "debug", "delete", "demo", "developers", "directory", "discover", "doc", "docs", "download",
	"downloads", "edit", "email", "embed", "error", "errors", "events", "explore", "export", "failover", "faq", "favicon", "feed",
	"feedback", "files", "fonts", "go", "graphql", "health", "healthz", "help", "hold", "holds", "home", "hooks", "ical", "ics", "images",
	"img", "import", "impressum", "imprint", "index", "info", "install", "internal", "invite", "invoice", "invoices", "jobs", "js", "keys",
	"language", "languages", "legal", "license", "link", "links", "list", "live", "livez", "locale", "locales", "login", "logout", "logs",
	"mail", "manage", "manifest", "map", "mcp", "me", "media", "metrics", "mine", "my", "new", "news", "notifications", "null", "oauth",
	"oauth2", "offer", "offers", "oidc", "openapi", "operator", "order", "orders", "org", "password",
	"pay", "payment", "payments", "pdf", "ping", "plans", "policy", "pprof", "preview", "pricing", "print", "privacy", "probe", "profile",
	"proxy", "public", "pwa", "qr", "queue", "readyz", "receipt", "receipts", "refund", "refunds", "register", "report", "reports",
	"reschedule", "reset", "resource", "resources", "robots", "root", "rss", "sale", "sales", "saml", "schema", "schemas", "search",
	"security", "service", "services", "session", "sessions", "settings", "setup", "share", "signin", "signout", "signup", "sitemap", "sse",
	"sso", "staff", "static", "stats", "status", "stream", "style", "support", "sw", "swagger", "sync", "team", "teams", "tenant",
	"tenants", "terms", "test", "tests", "ticket", "tickets", "token", "tokens", "undefined", "unsubscribe", "update", "upload", "uploads",
	"user", "users", "v0", "v1", "v2", "v3", "vacancy", "venues", "verify", "version", "waitlist", "webhook", "webhooks", "websocket",
	"well-known", "widget", "widgets", "wiki", "ws", "www",
}

// Reserved tells whether no new venue may have the id. A venue that has had it since before it was reserved goes on.
func (id VenueID) Reserved() bool { return slices.Contains(reservedIDs, id) }
