package facts

import (
	"context"
	"time"

	"vacancy/internal/booking"
)

// Facts are what is known of an installation, as it is seen from one machine.
type Facts struct {
	// Now is this machine's clock when the facts were collected.
	Now time.Time
	// Level is what this program knows of venues' settings.
	Level    booking.Level
	Settings Settings
	Machine  Machine
	// Server is nil if none was reached.
	Server *Server
	// Certificate is nil without --tls-cert.
	Certificate *Certificate
	// Postgres and SQLite are nil unless the database is of that kind.
	Postgres *Postgres
	SQLite   *SQLite
	// HasKey tells whether the database has a management key. It is nil if that was not to be seen.
	HasKey *bool
	// OutboxPause is nil unless what goes to the outside is held back, as far as that was to be seen.
	OutboxPause *OutboxPause
	// Schema is nil if the database has none, or it was not to be seen.
	Schema *Schema
}

// Collector collects the facts of one part of an installation.
type Collector interface {
	// Collect adds what it sees. It only looks: nothing is changed, and nobody waits for it. It ends when ctx does. Its error says, without
	// secrets, that what it is there for could not be looked at; what was seen is added nevertheless.
	Collect(ctx context.Context, into *Facts) error
}

// Settings are what the operator has configured, as far as it is judged.
type Settings struct {
	// Listen and AdminListen are HOST:PORT; AdminListen is empty if it is not set.
	Listen, AdminListen string
	// PublicURL is what customers see, empty if that is not told.
	PublicURL string
	// PlainToStrangers: other machines can reach the server over plain HTTP, and no proxy was named.
	PlainToStrangers bool
	// TrustedProxies are networks, as in 10.0.0.0/8.
	TrustedProxies []string
	// Limits tells whether what one client may do is limited.
	Limits bool
	// AdminKey tells whether VACANCY_ADMIN_KEY is set.
	AdminKey bool
	// AlertCommand, AlertWebhook and OTLP tell whether each is set.
	AlertCommand, AlertWebhook, OTLP bool
	// Probe tells whether the server tries by itself whether a booking succeeds.
	Probe bool
	// ChangesRetention is 0 if changes are kept for ever.
	ChangesRetention time.Duration
	// RequireStandby is --require-standby, Connections --connections, and MaxReaders --max-readers.
	RequireStandby bool
	Connections    int
	MaxReaders     int
}

// Machine is where the command runs.
type Machine struct {
	// Connections is how many connections a server would accept that was started as this command was, and DescriptorLimit what bounds them;
	// 0 if that is not known.
	Connections     int
	DescriptorLimit uint64
}

// Certificate is that of --tls-cert.
type Certificate struct {
	File string
	// Fault says why it cannot be used; the rest is empty then.
	Fault    string
	NotAfter time.Time
	// Covers tells whether it is for the host of the public URL, or there is no public URL.
	Covers bool
}

// OutboxPause is who has alerts told to nobody by command or webhook, and why.
type OutboxPause struct{ By, Reason string }

// Schema is what a database says of its schema's version.
type Schema struct {
	// Version is that of the database, and Known the last that this program knows.
	Version, Known int64
	// Fault says why this program cannot use it; empty if it can, or if the next start of a server mends it.
	Fault string
}
