// Package config is the configuration of a server: one struct with its defaults, environment names and explanations, and the
// checks that name the setting which is wrong. It imports the standard library only; package cli reads the tags.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"
)

// Config is everything that an operator can set. Each field is a flag of `vacancy serve` and an environment variable.
type Config struct {
	Listen   string `default:"127.0.0.1:8080" env:"VACANCY_LISTEN" placeholder:"HOST:PORT" help:"Address to serve on. Port 0 takes a free one."`
	Database string `default:"sqlite:vacancy.db" env:"VACANCY_DATABASE" placeholder:"URL" help:"Where the bookings are kept: sqlite:FILE, or postgres://USER@HOST/NAME for one or several servers. Give a password by this variable or PGPASSWORD: other users of the machine can read a flag."`
	Locking  string `default:"adaptive" env:"VACANCY_LOCKING" enum:"adaptive,optimistic,pessimistic" help:"How a transaction takes a venue on PostgreSQL: ${enum}."`

	Connections int `default:"16" env:"VACANCY_CONNECTIONS" help:"Most connections to PostgreSQL at once."`

	LogLevel  string `default:"info" env:"VACANCY_LOG_LEVEL" enum:"debug,info,warn,error" help:"Least severe log lines that are written: ${enum}."`
	LogFormat string `default:"text" env:"VACANCY_LOG_FORMAT" enum:"text,json" help:"Form of log lines: ${enum}."`

	MaxReaders      int           `default:"15000" env:"VACANCY_MAX_READERS" help:"Most live connections at once; beyond it they are asked to come back later."`
	MaxWaiting      int           `default:"10000" env:"VACANCY_MAX_WAITING" help:"Most writes that wait for their turn; beyond it they are refused with 503."`
	MaxVenues       int           `default:"1000" env:"VACANCY_MAX_VENUES" help:"Most venues kept in memory; the others are loaded when asked for."`
	ShutdownTimeout time.Duration `default:"15s" env:"VACANCY_SHUTDOWN_TIMEOUT" help:"How long a stopping server waits for requests under way."`

	// AdminKey has no flag: other users of the machine can read a program's arguments.
	AdminKey string `kong:"-"`
}

// AdminKeyEnv names the environment variable of [Config.AdminKey].
const AdminKeyEnv = "VACANCY_ADMIN_KEY"

// Validate names the first setting that is wrong.
func (c Config) Validate() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("--listen %q is not a HOST:PORT such as 127.0.0.1:8080", c.Listen)
	}
	if err := c.validateDatabase(); err != nil {
		return err
	}
	for _, bound := range []struct {
		flag  string
		value int
	}{{"--connections", c.Connections}, {"--max-readers", c.MaxReaders}, {"--max-waiting", c.MaxWaiting}, {"--max-venues", c.MaxVenues}} {
		if bound.value < 1 {
			return fmt.Errorf("%s %d must be 1 or more", bound.flag, bound.value)
		}
	}
	if c.Connections > maxConnections {
		return fmt.Errorf("--connections %d must be at most %d", c.Connections, maxConnections)
	}
	if c.ShutdownTimeout <= 0 {
		return fmt.Errorf("--shutdown-timeout %s must be more than 0", c.ShutdownTimeout)
	}
	return nil
}

// maxConnections is more than any PostgreSQL server accepts.
const maxConnections = 10_000

// validateDatabase names what is wrong with the database's URL, and never repeats it.
func (c Config) validateDatabase() error {
	if path, ok := c.SQLitePath(); ok && path != "" {
		return nil
	}
	if _, ok := c.PostgresURL(); ok {
		return nil
	}
	return fmt.Errorf("--database: %s is not known; use sqlite:FILE or postgres://USER@HOST/NAME", scheme(c.Database))
}

// SQLitePath is the file of a "sqlite:FILE" database; ok is false for any other.
func (c Config) SQLitePath() (path string, ok bool) { return strings.CutPrefix(c.Database, "sqlite:") }

// PostgresURL is the address of a PostgreSQL database; ok is false for any other.
func (c Config) PostgresURL() (url string, ok bool) {
	ok = strings.HasPrefix(c.Database, "postgres://") || strings.HasPrefix(c.Database, "postgresql://")
	return c.Database, ok
}

// scheme is what a mistyped database URL begins with. The rest may hold a password, in whatever form.
func scheme(url string) string {
	name, _, ok := strings.Cut(url, ":")
	if !ok || strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }) {
		return "this"
	}
	return name + ":..."
}

// Level is the log level as slog has it.
func (c Config) Level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return slog.LevelInfo // the flag's enum has refused everything else
	}
	return level
}

// Default is the configuration that a server has if nothing is set. It is what the tags say; a test compares them.
func Default() Config {
	return Config{
		Listen: "127.0.0.1:8080", Database: "sqlite:vacancy.db", Locking: "adaptive", Connections: 16,
		LogLevel: "info", LogFormat: "text",
		MaxReaders: 15000, MaxWaiting: 10000, MaxVenues: 1000, ShutdownTimeout: 15 * time.Second,
	}
}
