package rabbitbus_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/bus/rabbitbus/rabbittest"
)

// answerTimeout is how long a bus may take to say what is the matter.
const answerTimeout = 30 * time.Second

// TestRefusals: what a person must mend is said in the error, in Health and in the log, by name.
func TestRefusals(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	for name, test := range map[string]struct {
		set  func(t *testing.T, c *rabbitbus.Config, admin *amqp.Channel)
		says []string
	}{
		"a user who is not known": {func(t *testing.T, c *rabbitbus.Config, _ *amqp.Channel) {
			c.URL = rabbittest.As(t, c.URL, "nobody", password, "")
		}, []string{"refuses the login", `"nobody"`}},
		"a virtual host that is missing": {func(_ *testing.T, c *rabbitbus.Config, _ *amqp.Channel) {
			c.URL = broker.URL() + "elsewhere"
		}, []string{"virtual host", `"elsewhere"`}},
		"a virtual host of others": {func(t *testing.T, c *rabbitbus.Config, _ *amqp.Channel) {
			c.URL = asUser(t, broker, c.URL, nil)
		}, []string{"virtual host", "test-"}},
		"an exchange that is missing": {func(_ *testing.T, c *rabbitbus.Config, _ *amqp.Channel) {
			c.Declare = false
		}, []string{`exchange "vacancy"`, "missing"}},
		"an exchange that is another": {func(t *testing.T, _ *rabbitbus.Config, admin *amqp.Channel) {
			must(t, admin.ExchangeDeclare("vacancy", "fanout", true, false, false, false, nil))
		}, []string{`exchange "vacancy"`, "topic", "fanout"}},
		"an exchange that is lost when the broker restarts": {func(t *testing.T, _ *rabbitbus.Config, admin *amqp.Channel) {
			must(t, admin.ExchangeDeclare("vacancy", "topic", false, false, false, false, nil))
		}, []string{`exchange "vacancy"`, "durable"}},
		"an exchange that may not be declared": {func(t *testing.T, c *rabbitbus.Config, _ *amqp.Channel) {
			c.URL = asUser(t, broker, c.URL, &rabbittest.Permissions{Write: ".*", Read: ".*"})
		}, []string{"no permission to configure", `exchange "vacancy"`}},
		"an exchange that may not be written to": {func(t *testing.T, c *rabbitbus.Config, _ *amqp.Channel) {
			c.URL = asUser(t, broker, c.URL, &rabbittest.Permissions{Configure: ".*", Write: "others", Read: ".*"})
		}, []string{"no permission to write", `exchange "vacancy"`}},
		"a queue that is missing": {func(t *testing.T, c *rabbitbus.Config, admin *amqp.Channel) {
			must(t, admin.ExchangeDeclare("vacancy", "topic", true, false, false, false, nil))
			c.Queue, c.Declare = "all", false
		}, []string{`queue "all"`, "missing"}},
		"a queue of another type": {func(t *testing.T, c *rabbitbus.Config, admin *amqp.Channel) {
			_, err := admin.QueueDeclare("all", true, false, false, false, nil)
			must(t, err)
			c.Queue = "all"
		}, []string{`queue "all"`, "quorum"}},
		"a queue of another size": {func(t *testing.T, c *rabbitbus.Config, admin *amqp.Channel) {
			_, err := admin.QueueDeclare("all", true, false, false, false, quorum(5))
			must(t, err)
			c.Queue = "all"
		}, []string{`queue "all"`, "limit", "x-max-length"}},
		"a queue that may not be bound": {func(t *testing.T, c *rabbitbus.Config, _ *amqp.Channel) {
			c.URL = asUser(t, broker, c.URL, &rabbittest.Permissions{Configure: ".*", Write: "vacancy", Read: ".*"})
			c.Queue = "all"
		}, []string{"no permission", `queue "all"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := bustest.NewLog()
			c := rabbitbus.Config{URL: broker.VirtualHost(t), Declare: true, Log: log.Logger()}
			test.set(t, &c, connect(t, c.URL))
			b := openBus(t, c)
			ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
			defer cancel()
			_, err := b.Publish(ctx, "yoga", bustest.Events("yoga", 0, 2))
			if !errors.Is(err, bus.ErrMisconfigured) {
				t.Fatalf("not said to be misconfigured: %v", err)
			}
			for _, part := range test.says {
				for where, text := range map[string]string{"error": err.Error(), "health": errorText(b.Health()), "log": unquoted(log)} {
					if !strings.Contains(text, part) {
						t.Errorf("the %s lacks %q: %s", where, part, text)
					}
				}
			}
			if !strings.Contains(log.String(), "level=ERROR") {
				t.Errorf("the log has no error: %s", log)
			}
			if strings.Contains(err.Error()+log.String(), password) {
				t.Errorf("the password is shown: %v\n%s", err, log)
			}
		})
	}
}

// TestLeastPermissions: what docs/choosing-a-broker.md says a user needs is enough.
func TestLeastPermissions(t *testing.T) {
	t.Parallel()
	broker := rabbittest.Shared(t)
	for name, test := range map[string]struct {
		permissions rabbittest.Permissions
		set         func(*rabbitbus.Config)
	}{
		"exchanges and queue are declared": {
			rabbittest.Permissions{Configure: `^vacancy(\..*)?$`, Write: `^vacancy(\..*)?$`, Read: `^vacancy(\..*)?$`},
			func(c *rabbitbus.Config) { c.Declare, c.Queue = true, "vacancy.events" },
		},
		"exchanges and queue are there": {
			rabbittest.Permissions{Configure: `^$`, Write: `^vacancy$`, Read: `^$`},
			func(c *rabbitbus.Config) { c.Queue = "vacancy.events" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := broker.VirtualHost(t)
			admin := connect(t, url)
			must(t, admin.ExchangeDeclare("vacancy", "topic", true, false, false, false, nil))
			_, err := admin.QueueDeclare("vacancy.events", true, false, false, false, quorum(1_000_000))
			must(t, err)
			must(t, admin.QueueBind("vacancy.events", "#", "vacancy", false, nil))
			c := rabbitbus.Config{URL: asUser(t, broker, url, &test.permissions), Log: bustest.NewLog().Logger()}
			test.set(&c)
			publish(t, openBus(t, c), bus.Receipt{}, bustest.Events("yoga", 0, 5))
		})
	}
}

// TestExchangeIsDeletedMeanwhile: it is declared again, if that is wanted, and nothing is confirmed that went nowhere.
func TestExchangeIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]bool{"declared": true, "only checked": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := rabbittest.Shared(t).VirtualHost(t)
			admin := connect(t, url)
			must(t, admin.ExchangeDeclare("vacancy", "topic", true, false, false, false, nil))
			b := openBus(t, rabbitbus.Config{URL: url, Declare: declare, Log: bustest.NewLog().Logger()})
			publish(t, b, bus.Receipt{Unrouted: 1}, bustest.Events("yoga", 0, 1))
			must(t, admin.ExchangeDelete("vacancy", false, false))
			ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
			defer cancel()
			if _, err := b.Publish(ctx, "yoga", bustest.Events("yoga", 1, 1)); !errors.Is(err, bus.ErrMisconfigured) {
				t.Errorf("without its exchange: %v", err)
			}
			_, err := b.Publish(ctx, "yoga", bustest.Events("yoga", 1, 1)) // once it has connected again
			if declare && err != nil || !declare && !errors.Is(err, bus.ErrMisconfigured) {
				t.Errorf("and then: %v", err)
			}
		})
	}
}

// asUser makes a user of a virtual host, with no permission at all if p is nil, and returns the URL for it.
func asUser(t *testing.T, broker *rabbittest.Broker, brokerURL string, p *rabbittest.Permissions) string {
	t.Helper()
	name := "user-" + rand.Text()
	broker.AddUser(t, name, password)
	if p != nil {
		broker.Grant(t, name, hostOf(t, brokerURL), *p)
	}
	return rabbittest.As(t, brokerURL, name, password, "")
}

// userOf is a URL's user.
func userOf(t *testing.T, brokerURL string) string {
	t.Helper()
	u, err := url.Parse(brokerURL)
	must(t, err)
	return u.User.Username()
}

// hostOf is a URL's virtual host.
func hostOf(t *testing.T, brokerURL string) string {
	t.Helper()
	u, err := url.Parse(brokerURL)
	must(t, err)
	return strings.TrimPrefix(u.Path, "/")
}

func quorum(limit int64) amqp.Table {
	return amqp.Table{"x-queue-type": "quorum", "x-max-length": limit, "x-overflow": "reject-publish"}
}

// connect opens a channel as an administrator would, until the test ends.
func connect(t *testing.T, url string) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(url)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() }) // the broker may have ended before
	ch, err := conn.Channel()
	must(t, err)
	return ch
}

// publish publishes one batch, which must be confirmed.
func publish(t *testing.T, b bus.Bus, want bus.Receipt, events []bus.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), answerTimeout)
	defer cancel()
	receipt, err := b.Publish(ctx, events[0].Venue, events)
	if err != nil {
		t.Fatal(err)
	}
	if receipt != want {
		t.Errorf("the receipt is %+v, want %+v", receipt, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// unquoted is the log without the marks before quotation marks.
func unquoted(log *bustest.Log) string { return strings.ReplaceAll(log.String(), `\`, "") }
