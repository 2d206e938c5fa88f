package natsbus_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/natsbus"
)

// TestDocumentedServer: the configuration in the documentation lets Vacancy publish and give hints, and a consumer read.
func TestDocumentedServer(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/choosing-a-broker.md")
	must(t, err)
	_, block, _ := strings.Cut(string(text), "```conf\n# nats-server.conf\n")
	block, _, found := strings.Cut(block, "```")
	if !found {
		t.Fatal("the documentation has no nats-server.conf")
	}
	block = strings.NewReplacer(
		"listen: 0.0.0.0:4222\n", "", "/var/lib/nats", `"$DIR/jetstream"`, "$VACANCY_PASSWORD", password, "$CONSUMER_PASSWORD", password,
	).Replace(block)
	address := startBroker(t, block).address
	log := bustest.NewLog()
	b, err := natsbus.New(natsbus.Config{URL: url(address), Declare: true, Log: log.Logger()})
	must(t, err)
	t.Cleanup(func() { _ = b.Close() })
	_, err = b.Publish(t.Context(), "yoga", bustest.Events("yoga", 0, 5))
	must(t, err)
	b.Announce("yoga", 1)
	_, err = b.Publish(t.Context(), "yoga", bustest.Events("yoga", 5, 1)) // whose answer comes after that to the hint
	must(t, err)
	if strings.Contains(log.String(), "hints") {
		t.Errorf("hints are refused: %s", log)
	}

	refusals := make(chan error, 1)
	nc, err := nats.Connect("nats://consumer:"+password+"@"+address, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		select {
		case refusals <- err:
		default:
		}
	}))
	must(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	must(t, err)
	consumer, err := js.CreateOrUpdateConsumer(t.Context(), "VACANCY", jetstream.ConsumerConfig{Durable: "copy"})
	must(t, err)
	batch, err := consumer.Fetch(6, jetstream.FetchMaxWait(10*time.Second))
	must(t, err)
	got := 0
	for m := range batch.Messages() {
		must(t, m.Ack())
		got++
	}
	if err := batch.Error(); err != nil || got != 6 {
		t.Errorf("the consumer has read %d messages of 6: %v", got, err)
	}
	must(t, nc.Publish("vacancy.yoga.booking.confirmed", nil))
	if err := <-refusals; !errors.Is(err, nats.ErrPermissionViolation) { // a consumer does not publish events
		t.Error(err)
	}
}

// TestDocumentedReasons: what the documentation explains is what the log says.
func TestDocumentedReasons(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/choosing-a-broker.md")
	must(t, err)
	_, section, _ := strings.Cut(string(text), "## NATS\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, table, found := strings.Cut(section, "| the bus is unavailable: ... | |\n|---|---|\n")
	if !found {
		t.Fatal("the documentation has no table of reasons")
	}
	var source strings.Builder
	for _, file := range []string{"errors.go", "stream.go", "flight.go", "session.go"} {
		code, err := os.ReadFile(file)
		must(t, err)
		source.Write(code)
	}
	// What stands for a value in the code stands as a name in the documentation.
	code := regexp.MustCompile(`%[a-z]`).ReplaceAllString(source.String(), "%")
	names := regexp.MustCompile(`\bHOST\b|\bVACANCY\b|\bN\b|\b3\b|vacancy\.>|\.\.\.`)
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, " | ")
		if len(cells) < 2 {
			break
		}
		reason := strings.TrimPrefix(cells[0], "| ")
		for part := range strings.SplitSeq(names.ReplaceAllString(reason, "\x00"), "\x00") {
			part, _, _ = strings.Cut(strings.TrimSpace(part), ":") // what follows is the server's
			part = strings.Trim(part, " ,")
			elsewhere := part == "" || part == "subjects overlap" || part == "the bus rejects an event" // the server's, and package bus's
			if !elsewhere && !strings.Contains(code, part) {
				t.Errorf("%q is documented, and the code has no %q", reason, part)
			}
		}
		rows++
	}
	if rows < 10 {
		t.Errorf("%d reasons are documented", rows)
	}
}
