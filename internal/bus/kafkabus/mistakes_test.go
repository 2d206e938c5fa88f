package kafkabus_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/kafkabus"
	"vacancy/internal/bus/kafkabus/kafkatest"
)

// mistake is a way to set Kafka up wrongly, or a bad day of its.
type mistake struct {
	settings map[string]string // of the topic
	change   func(c *kafkabus.Config)
	// says are parts of what the operator reads, in the error, in Health and in the log; misconfigured whether a person must mend it.
	says          []string
	misconfigured bool
}

// TestMistakes: each has a line in the log that says what to mend, at the level of its weight, and shows no secret.
func TestMistakes(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Shared(t)
	files := newFiles(t, broker)
	broker.Allow(t, "rightful", "*", kadm.OpAll)
	login := func(mechanism, user, password string) func(c *kafkabus.Config) {
		return func(c *kafkabus.Config) {
			c.Brokers = []string{broker.SASL()}
			c.Mechanism, c.User, c.Password = mechanism, user, password
		}
	}
	encrypted := func(address, ca, certificate string) func(c *kafkabus.Config) {
		return func(c *kafkabus.Config) {
			c.Brokers, c.TLS, c.CAFile = []string{address}, true, ca
			if certificate != "" {
				c.CertFile, c.KeyFile = certificate, certificate
			}
		}
	}
	for name, m := range map[string]mistake{
		"the topic is missing": {
			change: func(c *kafkabus.Config) { c.Topic = "nowhere" }, says: []string{"nowhere is missing"}, misconfigured: true,
		},
		"more partitions are configured": {
			change: func(c *kafkabus.Config) { c.Partitions = 3 }, says: []string{"has 1 partitions, and 3 are configured"}, misconfigured: true,
		},
		"too few replicas": {
			change: func(c *kafkabus.Config) { c.Replicas = 3 }, says: []string{"has 1 replicas", "3 are asked for"}, misconfigured: true,
		},
		"more replicas than brokers": {
			change: func(c *kafkabus.Config) { c.Topic, c.Declare, c.Replicas = kafkatest.TopicName(), true, 3 },
			says:   []string{"fewer brokers"}, misconfigured: true,
		},
		"a topic that forgets": {
			settings: map[string]string{"cleanup.policy": "compact"}, says: []string{"compacted"}, misconfigured: true,
		},
		"a wrong password, PLAIN": {
			change: login("PLAIN", kafkatest.Stranger, "wrong-secret"), says: []string{"user or the password"}, misconfigured: true,
		},
		"a wrong password, SCRAM": {
			change: login("SCRAM-SHA-256", "rightful", "wrong-secret"), says: []string{"user or the password"}, misconfigured: true,
		},
		"nobody of that name": {
			change: login("SCRAM-SHA-512", "nobody", "wrong-secret"), says: []string{"user or the password"}, misconfigured: true,
		},
		"a user who may nothing": {
			change: login("PLAIN", kafkatest.Stranger, kafkatest.Password), says: []string{"ACL Write"}, misconfigured: true,
		},
		"no login where one is needed": {
			change: func(c *kafkabus.Config) { c.Brokers = []string{broker.SASL()} }, says: []string{"login"},
		},
		"a login where none is": {
			change: func(c *kafkabus.Config) { c.Mechanism, c.User, c.Password = "PLAIN", "user", "wrong-secret" },
			says:   []string{"another way to log in, or none"}, misconfigured: true,
		},
		"no TLS where it is needed": {
			change: func(c *kafkabus.Config) { c.Brokers = []string{broker.TLS()} }, says: []string{"TLS"},
		},
		"TLS where there is none": {
			change: encrypted(broker.Address(), files.authority, ""), says: []string{"does the port want TLS"},
		},
		"an authority that is not trusted": {
			change: encrypted(broker.TLS(), files.stranger, files.client), says: []string{"signed by nobody whom we trust"}, misconfigured: true,
		},
		"no certificate of ours": {
			change: encrypted(broker.TLS(), files.authority, ""), says: []string{"certificate that we show"}, misconfigured: true,
		},
		"a certificate of ours that has ended": {
			change: encrypted(broker.TLS(), files.authority, files.ended), says: []string{"has ended", files.ended}, misconfigured: true,
		},
		"a certificate of ours by another authority": {
			change: encrypted(broker.TLS(), files.authority, files.foreign), says: []string{"certificate that we show"}, misconfigured: true,
		},
		"a certificate of the broker's that has ended": {
			change: encrypted(files.endedServer, files.authority, ""), says: []string{"certificate is not valid", "expired"}, misconfigured: true,
		},
		"a certificate of another host": {
			change: func(c *kafkabus.Config) {
				encrypted(broker.TLS(), files.authority, files.client)(c)
				c.Brokers = []string{strings.Replace(broker.TLS(), "127.0.0.1", "localhost", 1)}
			}, says: []string{"another host's"}, misconfigured: true,
		},
		"an authority's file that is not there": {
			change: encrypted(broker.TLS(), "/nowhere/ca.pem", ""), says: []string{"/nowhere/ca.pem"}, misconfigured: true,
		},
		"nobody listens": {
			change: func(c *kafkabus.Config) { c.Brokers = []string{"127.0.0.1:1"} }, says: []string{"cannot be reached", "127.0.0.1:1"},
		},
		"no such host": {
			change: func(c *kafkabus.Config) { c.Brokers = []string{"kafka.invalid:9092"} }, says: []string{"kafka.invalid"},
		},
		"it is no Kafka": {
			change: func(c *kafkabus.Config) { c.Brokers = []string{files.webServer} }, says: []string{"HTTP"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := bustest.NewLog()
			config := realConfig(broker, broker.Topic(t, 1, m.settings), log)
			if m.change != nil {
				m.change(&config)
			}
			checkMistake(t, m, config, log)
		})
	}
}

func checkMistake(t *testing.T, m mistake, config kafkabus.Config, log *bustest.Log) {
	t.Helper()
	b := open(t, config)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := b.Publish(ctx, "a", bustest.Events("a", 0, 2))
	if !errors.Is(err, bus.ErrUnavailable) || errors.Is(err, bus.ErrMisconfigured) != m.misconfigured {
		t.Fatalf("misconfigured is to be %t: %v", m.misconfigured, err)
	}
	health := b.Health()
	if health == nil {
		t.Fatal("it is healthy")
	}
	level := "level=WARN"
	if m.misconfigured {
		level = "level=ERROR"
	}
	for _, part := range append(slices.Clone(m.says), level) {
		for where, text := range map[string]string{"error": err.Error() + level, "health": health.Error() + level, "log": log.String()} {
			if !strings.Contains(text, part) {
				t.Errorf("the %s lacks %q: %s", where, part, text)
			}
		}
	}
	for _, secret := range []string{"wrong-secret", kafkatest.Password} {
		if strings.Contains(err.Error()+health.Error()+log.String(), secret) {
			t.Errorf("a secret is shown:\n%v\n%v\n%s", err, health, log)
		}
	}
}

// TestSetups is the control of the one above: what is set up rightly works.
func TestSetups(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Shared(t)
	files := newFiles(t, broker)
	const user = "writer"
	for name, change := range map[string]func(t *testing.T, c *kafkabus.Config){
		"no protection": func(*testing.T, *kafkabus.Config) {},
		"the topic is made": func(_ *testing.T, c *kafkabus.Config) {
			c.Topic, c.Declare, c.Partitions = kafkatest.TopicName(), true, 5
		},
		"SCRAM-SHA-256, and no more than Write": func(t *testing.T, c *kafkabus.Config) {
			t.Helper()
			broker.Allow(t, user, c.Topic, kadm.OpWrite)
			c.Brokers, c.Mechanism, c.User, c.Password = []string{broker.SASL()}, "SCRAM-SHA-256", user, kafkatest.Password
		},
		"SCRAM-SHA-512, and the topic is made": func(t *testing.T, c *kafkabus.Config) {
			t.Helper()
			c.Topic, c.Declare = kafkatest.TopicName(), true
			broker.Allow(t, "maker", c.Topic, kadm.OpWrite, kadm.OpCreate, kadm.OpDescribeConfigs)
			c.Brokers, c.Mechanism, c.User, c.Password = []string{broker.SASL()}, "SCRAM-SHA-512", "maker", kafkatest.Password
		},
		"TLS and a certificate": func(_ *testing.T, c *kafkabus.Config) {
			c.Brokers, c.CAFile, c.CertFile, c.KeyFile = []string{broker.TLS()}, files.authority, files.client, files.client
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := bustest.NewLog()
			config := realConfig(broker, broker.Topic(t, 1, nil), log)
			change(t, &config)
			b := open(t, config)
			await(t, "publishing", func() error { // what was allowed takes a moment to be known
				_, err := b.Publish(t.Context(), "x", bustest.Events("x", 0, 12))
				return err
			})
			if err := b.Health(); err != nil {
				t.Error(err)
			}
			if got := len(broker.Records(t, config.Topic)); got != 12 {
				t.Errorf("%d records, want 12", got)
			}
			if strings.Contains(log.String(), kafkatest.Password) {
				t.Errorf("the log shows the password:\n%s", log)
			}
			if strings.Contains(name, "no more than Write") != strings.Contains(log.String(), "DescribeConfigs") {
				t.Errorf("advice on DescribeConfigs:\n%s", log)
			}
		})
	}
}

// Credentials that are taken away while the bus runs: it goes on as long as its connections do, and says why it cannot make others.
func TestCredentialsThatEnd(t *testing.T) {
	t.Parallel()
	broker, log := kafkatest.Shared(t), bustest.NewLog()
	config := realConfig(broker, broker.Topic(t, 1, nil), log)
	broker.Allow(t, "temporary", config.Topic, kadm.OpAll)
	network := bustest.NewNetwork(t, broker.SASL())
	config.Mechanism, config.User, config.Password = "SCRAM-SHA-256", "temporary", kafkatest.Password
	b := open(t, kafkabus.Through(config, network.Address()))
	if _, err := b.Publish(t.Context(), "a", bustest.Events("a", 0, 1)); err != nil {
		t.Fatal(err)
	}
	broker.Forget(t, "temporary")
	network.Cut()
	network.Heal()
	await(t, "a refusal", func() error {
		_, err := b.Publish(t.Context(), "a", bustest.Events("a", 0, 1))
		if !errors.Is(err, bus.ErrMisconfigured) || !strings.Contains(err.Error(), "user or the password") {
			return fmt.Errorf("publish: %w", err)
		}
		return nil
	})
	if !strings.Contains(log.String(), "refuse the user or the password") {
		t.Errorf("the log does not tell:\n%s", log)
	}
	broker.Allow(t, "temporary", config.Topic)
	await(t, "publishing with new credentials", func() error {
		_, err := b.Publish(t.Context(), "a", bustest.Events("a", 0, 1))
		return err
	})
}

// A topic that is deleted, and made again: nothing is confirmed meanwhile, the bus finds the new one, and the loss is told.
func TestTopicThatIsDeleted(t *testing.T) {
	t.Parallel()
	for name, declare := range map[string]bool{"and made again by an operator": false, "and made again by the bus": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broker, log := kafkatest.Shared(t), bustest.NewLog()
			config := realConfig(broker, broker.Topic(t, 1, nil), log)
			config.Declare = declare
			b := open(t, config)
			if _, err := b.Publish(t.Context(), "a", bustest.Events("a", 0, 5)); err != nil {
				t.Fatal(err)
			}
			broker.Delete(t, config.Topic)
			if !declare {
				await(t, "a refusal", func() error {
					if _, err := b.Publish(t.Context(), "a", bustest.Events("a", 5, 5)); !errors.Is(err, bus.ErrMisconfigured) {
						return fmt.Errorf("publish: %w", err)
					}
					return nil
				})
				broker.Create(t, config.Topic, 1, nil)
			}
			await(t, "publishing to the new topic", func() error {
				noticed := strings.Contains(log.String(), "deleted and made again")
				_, err := b.Publish(t.Context(), "a", bustest.Events("a", 5, 5))
				if err == nil && !noticed {
					return errors.New("the loss is not logged")
				}
				return err
			})
			if got := len(broker.Records(t, config.Topic)); got < 5 {
				t.Errorf("%d records", got)
			}
		})
	}
}

// A limit of the topic that is changed while the bus runs is learned: an event beyond it is named, and one below a raised limit is sent.
func TestLimitThatChanges(t *testing.T) {
	t.Parallel()
	broker := kafkatest.Shared(t)
	config := realConfig(broker, broker.Topic(t, 1, nil), bustest.NewLog())
	b := open(t, config)
	e := bustest.Event("a", 1)
	e.Data = []byte(`"` + strings.Repeat("x", 50_000) + `"`)
	events := []bus.Event{bustest.Event("a", 0), e}
	publish := func() error {
		_, err := b.Publish(t.Context(), "a", events)
		return err
	}
	if err := publish(); err != nil {
		t.Fatal(err)
	}
	broker.Configure(t, config.Topic, "max.message.bytes", "10000")
	await(t, "the lower limit", func() error {
		var rejected *bus.RejectedError
		if err := publish(); !errors.As(err, &rejected) || rejected.Index != 1 {
			return fmt.Errorf("publish: %w", err)
		}
		return nil
	})
	broker.Configure(t, config.Topic, "max.message.bytes", "100000")
	await(t, "the higher limit", func() error {
		kafkabus.CheckNow(b)
		return publish()
	})
}

// Brokers name themselves as they are told to: here by the address of a proxy, which is then the only way to them.
func TestAdvertisedAddress(t *testing.T) {
	t.Parallel()
	port, err := kafkatest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	network := bustest.NewNetwork(t, fmt.Sprint("127.0.0.1:", port))
	broker := kafkatest.Start(t, kafkatest.Options{Port: port, Advertise: network.Address()})
	config := realConfig(broker, broker.Topic(t, 1, nil), bustest.NewLog())
	b := open(t, config)
	publish := func(i int) error {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := b.Publish(ctx, "a", bustest.Events("a", i, 1))
		return err
	}
	await(t, "publishing", func() error { return publish(0) })
	network.Cut()
	if err := publish(1); err == nil {
		t.Error("published by another way than the proxy's")
	}
	network.Heal()
	await(t, "publishing again", func() error { return publish(1) })

	// One that hangs accepts connections, and answers nothing.
	broker.Freeze(t)
	if err := publish(2); !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("a broker that hangs: %v", err)
	}
	await(t, "its bad health", func() error {
		if b.Health() == nil {
			return errors.New("it is healthy")
		}
		return nil
	})
	broker.Thaw(t)
	await(t, "publishing once more", func() error { return publish(2) })
	var got []string
	for _, r := range broker.Records(t, config.Topic) {
		if id := headersOf(r)["ce_id"]; !slices.Contains(got, id) {
			got = append(got, id)
		}
	}
	if want := idsOf(bustest.Events("a", 0, 3)); !slices.Equal(got, want) {
		t.Errorf("first occurrences %v, want %v", got, want)
	}
}

// files are certificates and servers for mistakes.
type files struct {
	authority, stranger    string // who may have signed
	client, ended, foreign string // certificates with their keys
	endedServer, webServer string // addresses
}

func newFiles(t *testing.T, broker *kafkatest.Broker) *files {
	t.Helper()
	directory := t.TempDir()
	stranger, err := kafkatest.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, blocks ...*pem.Block) string {
		var text []byte
		for _, block := range blocks {
			text = append(text, pem.EncodeToMemory(block)...)
		}
		name = filepath.Join(directory, name)
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	authority := func(name string, a *kafkatest.Authority) string {
		return write(name, &pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})
	}
	pair := func(name string, certificate tls.Certificate) string {
		key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		return write(name, &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}, &pem.Block{Type: "PRIVATE KEY", Bytes: key})
	}
	issue := func(a *kafkatest.Authority, ends time.Time) tls.Certificate {
		certificate, err := a.Issue("vacancy", ends)
		if err != nil {
			t.Fatal(err)
		}
		return certificate
	}
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Minute)
	ended := issue(broker.Authority(), past)
	return &files{
		authority: authority("authority.pem", broker.Authority()),
		stranger:  authority("stranger.pem", stranger),
		client:    pair("client.pem", broker.ClientCertificate()),
		ended:     pair("ended.pem", ended),
		foreign:   pair("foreign.pem", issue(stranger, soon)),
		endedServer: serve(t, func(c net.Conn) {
			_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{ended}, MinVersion: tls.VersionTLS12}).HandshakeContext(t.Context())
		}),
		webServer: serve(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
			_, _ = io.Copy(io.Discard, c)
		}),
	}
}

// serve answers each connection, and ends with the test.
func serve(t *testing.T, answer func(net.Conn)) (address string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(time.Second))
			answer(c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}
