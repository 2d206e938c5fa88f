package rabbitbus_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// documentation is the part about RabbitMQ.
func documentation(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/choosing-a-broker.md")
	must(t, err)
	_, section, found := strings.Cut(string(text), "\n## RabbitMQ\n")
	if !found {
		t.Fatal("the documentation has nothing about RabbitMQ")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// TestDocumentedPermissions are enough for a server that declares everything and gives hints, and for a consumer; and no more than that.
func TestDocumentedPermissions(t *testing.T) {
	t.Parallel()
	lines := regexp.MustCompile(`(?m)^rabbitmqctl set_permissions (\w+) '(.*)' '(.*)' '(.*)'$`).FindAllStringSubmatch(documentation(t), -1)
	permissions := make(map[string]*rabbittest.Permissions)
	for _, line := range lines {
		// Erlang reads a backslash in a string as Go does.
		permissions[line[1]] = &rabbittest.Permissions{Configure: line[2], Write: line[3], Read: line[4]}
	}
	if permissions["vacancy"] == nil || permissions["consumer"] == nil {
		t.Fatalf("the documentation has the permissions %v", lines)
	}
	broker := rabbittest.Shared(t)
	url := broker.VirtualHost(t)
	log := bustest.NewLog()
	b := openBus(t, rabbitbus.Config{
		URL: asUser(t, broker, url, permissions["vacancy"]), Declare: true, Queue: "vacancy.events", Log: log.Logger(),
	})
	publish(t, b, bus.Receipt{}, bustest.Events("yoga", 0, 5))
	announceUntil(t, b, watch(t, b), "yoga", 1)

	consumer := asUser(t, broker, url, permissions["consumer"])
	ch := connect(t, consumer)
	_, err := ch.QueueDeclare("consumer.copy", true, false, false, false, quorum(1000))
	must(t, err)
	must(t, ch.QueueBind("consumer.copy", "yoga.#", "vacancy", false, nil))
	publish(t, b, bus.Receipt{}, bustest.Events("yoga", 5, 1))
	awaitMessage(t, consumeAll(t, consumer, "consumer.copy"), bustest.Event("yoga", 5).ID)
	if _, err := connect(t, consumer).QueueDeclare("vacancy.events", true, false, false, false, nil); err == nil {
		t.Error("a consumer may declare the server's queue")
	}
}

// TestDocumentedPolicy: RabbitMQ takes the policy for consumers' queues.
func TestDocumentedPolicy(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`(?m)^rabbitmqctl set_policy (\w+) '(.*)' '(.*)' --apply-to (\w+)$`).FindStringSubmatch(documentation(t))
	if line == nil {
		t.Fatal("the documentation has no policy")
	}
	broker := rabbittest.Shared(t)
	host := hostOf(t, broker.VirtualHost(t))
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	if said := broker.Evaluate(t, `rabbit_policy:parse_set(<<"`+host+`">>, <<"`+line[1]+`">>, <<"`+quote.Replace(line[2])+`">>, <<"`+
		quote.Replace(line[3])+`">>, "0", <<"`+line[4]+`">>, <<"test">>)`); said != "ok" {
		t.Errorf("RabbitMQ says %s", said)
	}
}

// TestDocumentedReasons: what the documentation explains is what the log says.
func TestDocumentedReasons(t *testing.T) {
	t.Parallel()
	_, table, found := strings.Cut(documentation(t), "| the bus is unavailable: ... | |\n|---|---|\n")
	if !found {
		t.Fatal("the documentation has no table of reasons")
	}
	var source strings.Builder
	for _, file := range []string{"errors.go", "topology.go", "flight.go", "session.go"} {
		code, err := os.ReadFile(file)
		must(t, err)
		source.Write(code)
	}
	// What stands for a value in the code stands as a name in the documentation, and a literal may go on in the next line.
	code := regexp.MustCompile(`"\s*\+\s*"`).ReplaceAllString(source.String(), "")
	values := regexp.MustCompile(`\b(HOST|NAME|VHOST|N|exchange|queue)\b|\(or .*?\)|, or |: low on memory|, and is not .*$`)
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, " | ")
		if len(cells) < 2 {
			break
		}
		reason := strings.TrimPrefix(cells[0], "| ")
		for part := range strings.SplitSeq(values.ReplaceAllString(reason, "\x00"), "\x00") {
			part = strings.Trim(part, " ,:.")
			if part != "" && part != "the" && !strings.Contains(code, part) && !strings.HasPrefix(part, "the bus rejects an event") {
				t.Errorf("%q is documented, and the code has no %q", reason, part)
			}
		}
		rows++
	}
	if rows < 10 {
		t.Errorf("%d reasons are documented", rows)
	}
}
