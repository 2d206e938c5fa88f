package arch

// module is the path of the main module.
const module = "vacancy"

// A room is a package's path without the module and "internal/": "desk", "live/sse", "client". All of cmd/ is one room, and so is
// all of test/.

// mayImport is who may import whom, besides the standard library and the room's own libraries. Absent means unknown, which is
// reported; nothing listed means nothing of ours.
var mayImport = map[string][]string{
	"cmd": {"cli"},
	"cli": {"app", "bench", "bench/reference", "bench/suite", "client", "client/venuefile", "config", "examples", "rollout", "supervisor"},
	"app": {everything},

	"httpapi":   {"desk", "live", "live/wire", "feed", "bus", "bus/webhook", "availability", "booking", "clean", "auth", "limit"},
	"live/sse":  {"live", "live/wire", "limit"},
	"live/ws":   {"live", "live/wire", "limit", "booking"},
	"live":      {"view", "availability", "booking"},
	"live/wire": {"live", "booking"},
	// The fakes that the tests of live and of its transports share.
	"live/livetest": {"live", "live/wire", "view", "store", "availability", "ledger", "booking"},
	"desk":          {"view", "availability", "ledger", "store", "booking"},
	"view":          {"store", "ledger", "schedule", "booking"},
	"auth":          {"store", "booking"},
	"pages":         {"live/wire", "booking"},
	// The ports of the server, and where their certificates come from.
	"httpserver": {"tlscert"},
	"tlscert":    {},
	"verify":     {"store", "ledger", "booking"},
	"bench":      {"client", "bench/meter", "bench/reference"},
	// What both sides of a comparison are measured with.
	"bench/meter": {},
	// PostgreSQL without us, as a measure.
	"bench/reference": {"bench/meter"},
	"bench/suite":     {"bench", "bench/meter", "bench/reference"},

	"availability": {"schedule", "ledger", "booking"},
	"schedule":     {"booking"},
	"ledger":       {"booking"},
	"booking":      {},
	// What people type, in one spelling.
	"clean": {},

	"store":           {"booking"},
	"store/storetest": {"store", "booking"},
	// A store for tests above the stores.
	"store/storetest/memory": {"store", "booking"},
	"store/record":           {"store", "booking"},
	// Each store shows the doctor what it sees of its database: docs/adr/0020-who-collects-what-the-doctor-judges.md says why so.
	"store/sqlite":   {"store", "store/record", "doctor/facts", "booking"},
	"store/postgres": {"store", "store/record", "failover", "doctor/facts", "booking"},
	// Which database is in charge, decided from what is seen of all.
	"failover": {},
	// What an installation promises, judged by what its parts show; those fill in the facts.
	"doctor":       {"doctor/facts", "failover", "booking"},
	"doctor/facts": {"failover", "booking"},
	// What the server that runs on this machine shows of itself.
	"doctor/running": {"doctor/facts"},
	// Real servers for tests.
	"store/postgres/postgrestest": {},

	// What carries events to the outside.
	"bus": {"booking"},
	// What each adapter passes.
	"bus/bustest":   {"bus", "booking"},
	"bus/membus":    {"bus", "booking"},
	"bus/natsbus":   {"bus", "booking"},
	"bus/kafkabus":  {"bus", "booking"},
	"bus/rabbitbus": {"bus", "booking"},
	// Real brokers for tests.
	"bus/kafkabus/kafkatest":   {},
	"bus/rabbitbus/rabbittest": {},
	// Events by a cursor of the reader's.
	"feed": {"events", "bus", "live", "view", "store", "booking"},
	// Endpoints are venues' own settings, and what fails waits in the database.
	"bus/webhook": {"bus", "store", "booking"},
	// What the outside is told of changes and of time.
	"events": {"bus", "view", "availability", "schedule", "live/wire", "booking"},
	// The relay: committed changes to a bus.
	"outbox": {"store", "bus", "events", "view", "booking"},

	// What needs a person: any room may raise an alert through an interface of its own.
	"alert": {},
	// What HAProxy asks for a server's weight.
	"agentcheck": {},
	// From one version to the next, step by step.
	"rollout": {},
	// Traces and metrics for a collector.
	"otlp": {},
	// The server's own customer.
	"probe": {},
	"limit": {},
	// Whoever runs the process: systemd.
	"supervisor": {},
	"config":     {},
	"telemetry":  {},
	"client":     {},
	// What `vacancy apply` does, for other programs too.
	"client/venuefile": {"client", "availability", "booking", "clean"},
	"web":              {},
	"examples":         {},
	"test":             {everything},
}

// everything stands for each room but the command's own two, which nobody imports but the command.
const everything = "*"

// libraries says which rooms may import a library: a path and all below it. Each adapter has its driver to itself.
var libraries = map[string][]string{
	"github.com/coreos/go-systemd/v22":    {"supervisor"},
	"github.com/gofrs/flock":              {"store/sqlite"},
	"modernc.org/sqlite":                  {"store/sqlite"},
	"github.com/jackc/pgx/v5":             {"store/postgres", "store/postgres/postgrestest", "bench/reference"},
	"github.com/pressly/goose/v3":         {"store/sqlite", "store/postgres"},
	"github.com/twmb/franz-go/pkg/kadm":   {"bus/kafkabus", "bus/kafkabus/kafkatest"},
	"github.com/twmb/franz-go/pkg/kerr":   {"bus/kafkabus"},
	"github.com/twmb/franz-go/pkg/kgo":    {"bus/kafkabus", "bus/kafkabus/kafkatest"},
	"github.com/twmb/franz-go/pkg/sasl":   {"bus/kafkabus"},
	"github.com/danielgtaylor/huma/v2":    {"httpapi"},
	"github.com/lxzan/gws":                {"live/ws", "client", "bench"},
	"github.com/prometheus/client_model":  {"rollout", "doctor/running"},
	"github.com/prometheus/common":        {"rollout", "doctor/running"},
	"github.com/prometheus/client_golang": {"telemetry", "otlp"},
	"go.opentelemetry.io":                 {"otlp"},
	"github.com/alecthomas/kong":          {"cli"},
	"golang.org/x/crypto/acme":            {"tlscert"},
	"golang.org/x/term":                   {"cmd"},
	"go.yaml.in/yaml/v3":                  {"client/venuefile"},
	"golang.org/x/text":                   {"clean"},
	"github.com/rabbitmq/amqp091-go":      {"bus/rabbitbus"},
	"github.com/nats-io/nats.go":          {"bus/natsbus"},
	"github.com/nats-io/nkeys":            {"bus/natsbus"},
	"github.com/go-json-experiment/json":  {"httpapi", "live/ws"},
	"github.com/klauspost/compress":       {"httpapi", "live/wire"},

	"github.com/standard-webhooks/standard-webhooks/libraries": {"bus/webhook"},
}

// testLibraries may be imported by test files, by the conformance suites and by test/, and by nobody else.
var testLibraries = []string{
	"pgregory.net/rapid",
	"github.com/anishathalye/porcupine",
	"go.uber.org/goleak",
	"github.com/twmb/franz-go/pkg/kfake", // a Kafka broker within the test
	"github.com/twmb/franz-go/pkg/kmsg",  // and what is asked of brokers
	"google.golang.org/protobuf",         // what OTLP is decoded with
	"github.com/Shopify/toxiproxy/v2",
	"github.com/nats-io/nats-server/v2", // a real broker, and what its credentials are made with
	"github.com/nats-io/jwt/v2",
	"github.com/rs/zerolog", // which a proxy of toxiproxy logs with
	"modernc.org/libc",      // the layer under SQLite that counts flushes
}

// pure rooms take values and return values: no input or output, no clock, no goroutine.
var pure = []string{"schedule", "ledger", "availability", "failover"}

// valueRooms are the pure rooms and the domain, which besides makes random ids. Their tests see only each other.
var valueRooms = append([]string{"booking"}, pure...)

// outside are the parts of the standard library, each with what is below it, that reach the world outside a function's arguments,
// or that make sense with several goroutines only. No value room imports them.
var outside = []string{
	"context", "database", "io/fs", "io/ioutil", "log", "math/rand", "net/http", "net/rpc", "net/smtp", "os", "plugin", "runtime",
	"sync", "syscall", "unsafe",
}

// randomness is what the domain may have and the pure rooms may not.
var randomness = []string{"crypto/rand"}

// testPackages are the standard library's for tests. Programs do not import them; conformance suites do.
var testPackages = []string{"testing", "net/http/httptest"}

// clockCalls are the functions of package time that read the clock or wait for it.
var clockCalls = []string{"After", "AfterFunc", "NewTicker", "NewTimer", "Now", "Since", "Sleep", "Tick", "Until"}

// emptyNames say nothing of what a package is for, so anything ends up in it.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "type", "types", "model", "models", "misc", "shared"}
