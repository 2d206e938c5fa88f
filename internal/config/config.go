// Package config is the configuration of a server: one struct with its defaults, environment names and explanations, and the
// checks that name the setting which is wrong. It imports the standard library only; package cli reads the tags.
package config

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Config is everything that an operator can set. Each field is a flag of `vacancy serve` and an environment variable.
type Config struct {
	Listen      string `default:"127.0.0.1:8080" env:"VACANCY_LISTEN" placeholder:"HOST:PORT" help:"Address to serve on. Port 0 takes a free one."`
	AdminListen string `env:"VACANCY_ADMIN_LISTEN" placeholder:"HOST:PORT" help:"Address of a port of its own for metrics and health pages, without a key: keep it from strangers. Not set: they are at --listen, metrics for keys and direct calls from this machine."`
	AgentListen string `env:"VACANCY_AGENT_LISTEN" placeholder:"HOST:PORT" help:"Address of a port that answers HAProxy's agent-check with this server's weight: ready NN%, or drain. Needs --admin-listen, where PUT /weight sets it; see docs/deployment.md."`
	AgentWeight int    `default:"100" env:"VACANCY_AGENT_WEIGHT" help:"Weight to start with, 0 to 100, unless --agent-weight-file has one. A version that is to take over begins with 0."`
	AgentFile   string `name:"agent-weight-file" env:"VACANCY_AGENT_WEIGHT_FILE" placeholder:"FILE" help:"Where the weight is kept over restarts. Without it, a restart begins with --agent-weight again."`
	HTTPListen  string `name:"http-listen" env:"VACANCY_HTTP_LISTEN" placeholder:"HOST:PORT" help:"Address for plain HTTP beside TLS, usually :80. Pages are redirected to HTTPS, API calls are refused."`
	PublicURL   string `name:"public-url" env:"VACANCY_PUBLIC_URL" placeholder:"URL" help:"What customers see in the address bar, as in https://book.example.com. Links are made of it, and requests for other hosts are refused."`

	TrustedProxies string `default:"127.0.0.0/8,::1/128" env:"VACANCY_TRUSTED_PROXIES" placeholder:"NET,..." help:"Addresses of the proxies in front whose X-Forwarded-For and X-Forwarded-Proto are believed."`

	TLSCert       string `name:"tls-cert" env:"VACANCY_TLS_CERT" placeholder:"FILE" help:"Certificate chain (PEM) to serve TLS with. It is read again when it changes."`
	TLSKey        string `name:"tls-key" env:"VACANCY_TLS_KEY" placeholder:"FILE" help:"The certificate's key (PEM)."`
	ACME          string `name:"acme" env:"VACANCY_ACME" placeholder:"DOMAIN,..." help:"Get TLS certificates for these domains from Let's Encrypt, whose terms you accept by this. Port 443 of each must lead here."`
	ACMEEmail     string `name:"acme-email" env:"VACANCY_ACME_EMAIL" placeholder:"ADDRESS" help:"Where the authority writes to when something is wrong with a certificate."`
	ACMECache     string `name:"acme-cache" default:"vacancy-acme" env:"VACANCY_ACME_CACHE" placeholder:"DIR" help:"Where the certificates of --acme are kept over restarts."`
	ACMEDirectory string `name:"acme-directory" env:"VACANCY_ACME_DIRECTORY" placeholder:"URL" help:"Another ACME authority than Let's Encrypt."`

	Database string `default:"sqlite:vacancy.db" env:"VACANCY_DATABASE" placeholder:"URL" help:"Where the bookings are kept: sqlite:FILE, or postgres://USER@HOST/NAME for one or several servers. Give a password by this variable or PGPASSWORD: other users of the machine can read a flag."`
	Locking  string `default:"adaptive" env:"VACANCY_LOCKING" enum:"adaptive,optimistic,pessimistic" help:"How a transaction takes a venue on PostgreSQL: ${enum}."`

	FailoverState  string `name:"failover-state" env:"VACANCY_FAILOVER_STATE" placeholder:"FILE" help:"Where this server keeps what it knows of its PostgreSQL database for its next start; see docs/failover.md. Not set: vacancy-failover.json in the state directory of systemd or else the working directory, if --database lists several hosts."`
	RequireStandby bool   `name:"require-standby" env:"VACANCY_REQUIRE_STANDBY" help:"Refuse bookings while PostgreSQL waits for no standby: while its synchronous_standby_names is empty."`

	Connections int `default:"16" env:"VACANCY_CONNECTIONS" help:"Most connections to PostgreSQL at once."`

	ChangesRetention time.Duration `default:"168h" env:"VACANCY_CHANGES_RETENTION" placeholder:"DURATION" help:"How long the record of each change is kept whole; the last 256 of a venue always are. What is left afterwards is who did what. 0 keeps all."`

	LogLevel  string `default:"info" env:"VACANCY_LOG_LEVEL" enum:"debug,info,warn,error" help:"Least severe log lines that are written: ${enum}."`
	LogFormat string `default:"text" env:"VACANCY_LOG_FORMAT" enum:"text,json" help:"Form of log lines: ${enum}."`

	AccessLog bool `name:"access-log" env:"VACANCY_ACCESS_LOG" help:"Write a line of JSON for each request, whatever the log's form and level."`

	OTLP           string  `name:"otlp" env:"VACANCY_OTLP" placeholder:"URL" help:"Collector that traces and metrics are sent to by OTLP over HTTP, as in http://127.0.0.1:4318. Headers, such as a token, are given by OTEL_EXPORTER_OTLP_HEADERS."`
	OTLPTraceShare float64 `name:"otlp-trace-share" default:"1" env:"VACANCY_OTLP_TRACE_SHARE" placeholder:"SHARE" help:"Part of the requests that are traced, 0 to 1, of those whose callers have not decided that by traceparent."`

	ProbeInterval time.Duration `default:"5s" env:"VACANCY_PROBE_INTERVAL" placeholder:"DURATION" help:"How often the server tries whether a booking succeeds, by a hold at a venue of its own that nobody sees; 0 is never."`

	AlertCommand string `name:"alert-command" env:"VACANCY_ALERT_COMMAND" placeholder:"LINE" help:"Run by the shell when something needs a person, and when that is over, with the alert as JSON on its standard input; see docs/alerts.md."`
	AlertWebhook string `name:"alert-webhook" env:"VACANCY_ALERT_WEBHOOK" placeholder:"URL" help:"Where the same is posted to. Give an address that is itself a secret by this variable: other users of the machine can read a flag."`

	Bus            string `name:"bus" env:"VACANCY_BUS" placeholder:"URL" help:"Broker that events are published to: amqp://USER@HOST/VHOST (RabbitMQ), nats://HOST, or kafka://HOST,HOST; with TLS amqps, tls and kafkas. Give a password by this variable: other users of the machine can read a flag. See docs/choosing-a-broker.md."`
	BusTopic       string `name:"bus-topic" default:"vacancy" env:"VACANCY_BUS_TOPIC" help:"Exchange of RabbitMQ, topic of Kafka, or what NATS' subjects begin with and its stream is called, in capitals."`
	BusDeclare     bool   `name:"bus-declare" default:"true" negatable:"" env:"VACANCY_BUS_DECLARE" help:"Make the exchange, topic or stream if it is missing. With --no-bus-declare it must be there."`
	BusQueue       string `name:"bus-queue" env:"VACANCY_BUS_QUEUE" placeholder:"NAME" help:"Quorum queue of RabbitMQ that gets all events, made if it is missing. Not set: consumers make their own."`
	BusPartitions  int    `name:"bus-partitions" default:"12" env:"VACANCY_BUS_PARTITIONS" help:"Partitions of Kafka's topic. Not to be changed later: a venue's events would go to another one."`
	BusReplicas    int    `name:"bus-replicas" default:"1" env:"VACANCY_BUS_REPLICAS" help:"Copies that Kafka or NATS keeps of each event: 3 where there are 3 servers."`
	BusCredentials string `name:"bus-credentials" env:"VACANCY_BUS_CREDENTIALS" placeholder:"FILE" help:"Credentials file (.creds) to log in to NATS with."`
	BusCA          string `name:"bus-ca" env:"VACANCY_BUS_CA" placeholder:"FILE" help:"Certificates (PEM) that may have signed the broker's. Not set: the system's."`
	BusCert        string `name:"bus-cert" env:"VACANCY_BUS_CERT" placeholder:"FILE" help:"Certificate (PEM) to show to the broker."`
	BusKey         string `name:"bus-key" env:"VACANCY_BUS_KEY" placeholder:"FILE" help:"That certificate's key (PEM)."`

	WebhookNetworks string `name:"webhook-networks" env:"VACANCY_WEBHOOK_NETWORKS" placeholder:"NET,..." help:"Private networks that webhooks may lead to, where plain http is allowed too. Not set: public addresses by https alone."`

	Limits string `default:"on" env:"VACANCY_LIMITS" enum:"on,off" help:"Whether what one client may do is limited: ${enum}. Turn it off for benchmarks, or where a proxy limits; see docs/limits.md."`

	MaxReaders      int           `default:"15000" env:"VACANCY_MAX_READERS" help:"Most live connections at once; beyond it they are asked to come back later."`
	MaxWaiting      int           `default:"10000" env:"VACANCY_MAX_WAITING" help:"Most writes that wait for their turn; beyond it they are refused with 503."`
	MaxVenues       int           `default:"1000" env:"VACANCY_MAX_VENUES" help:"Most venues kept in memory; the others are loaded when asked for."`
	DrainDelay      time.Duration `default:"7s" env:"VACANCY_DRAIN_DELAY" help:"How long a server that is told to stop goes on as before while readyz is 503 already, so that load balancers send nobody new: three checks, two seconds apart, as HAProxy makes them, and one second more. Not waited for if nobody has asked readyz within the last minute."`
	DrainTime       time.Duration `default:"10s" env:"VACANCY_DRAIN_TIME" help:"How long live readers are given to leave a stopping server one after the other, after --drain-delay. Fewer than 2,000 take less: 200 leave in a second."`
	ShutdownTimeout time.Duration `default:"15s" env:"VACANCY_SHUTDOWN_TIMEOUT" help:"How long a stopping server waits for requests under way, after --drain-delay and --drain-time."`

	// AdminKey has no flag: other users of the machine can read a program's arguments.
	AdminKey string `kong:"-"`
	// RequestLog is where the lines of AccessLog go; nil is the server's log.
	RequestLog *slog.Logger `kong:"-"`
	// MakeAdminKey has a first admin key made if there is none. Whoever sets it shows the key: it can be seen only once.
	MakeAdminKey bool `kong:"-"`
}

// AdminKeyEnv names the environment variable of [Config.AdminKey].
const AdminKeyEnv = "VACANCY_ADMIN_KEY"

// Validate names the first setting that is wrong.
func (c Config) Validate() error {
	if err := c.validateListen(); err != nil {
		return err
	}
	if err := c.validateDatabase(); err != nil {
		return err
	}
	if err := c.validateAlerts(); err != nil {
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
	if c.Limits != "on" && c.Limits != "off" {
		return fmt.Errorf("--limits %q must be on or off", c.Limits)
	}
	if err := c.validateOTLP(); err != nil {
		return err
	}
	if err := c.validateBus(); err != nil {
		return err
	}
	if c.ProbeInterval != 0 && c.ProbeInterval < time.Second {
		return fmt.Errorf("--probe-interval %s must be 1s or more, or 0", c.ProbeInterval)
	}
	for flag, value := range map[string]time.Duration{"--drain-delay": c.DrainDelay, "--drain-time": c.DrainTime} {
		if value < 0 {
			return fmt.Errorf("%s %s must not be negative", flag, value)
		}
	}
	if c.ShutdownTimeout <= 0 {
		return fmt.Errorf("--shutdown-timeout %s must be more than 0", c.ShutdownTimeout)
	}
	return nil
}

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

// DatabaseName is the database as a log may have it: where it is, without user and password.
func (c Config) DatabaseName() string {
	u, err := url.Parse(c.Database)
	if _, isFile := c.SQLitePath(); isFile {
		return c.Database
	}
	if err != nil {
		return scheme(c.Database)
	}
	host := u.Host
	if host == "" {
		host = u.Query().Get("host")
	}
	return u.Scheme + "://" + host + u.Path
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
		Listen: "127.0.0.1:8080", AgentWeight: 100, TrustedProxies: "127.0.0.0/8,::1/128", ACMECache: "vacancy-acme",
		Database: "sqlite:vacancy.db", Locking: "adaptive", Connections: 16, ChangesRetention: 168 * time.Hour,
		LogLevel: "info", LogFormat: "text", OTLPTraceShare: 1, ProbeInterval: 5 * time.Second, Limits: "on",
		BusTopic: "vacancy", BusDeclare: true, BusPartitions: 12, BusReplicas: 1,
		MaxReaders: 15000, MaxWaiting: 10000, MaxVenues: 1000,
		DrainDelay: 7 * time.Second, DrainTime: 10 * time.Second, ShutdownTimeout: 15 * time.Second,
	}
}
