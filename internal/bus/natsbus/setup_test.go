package natsbus_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"vacancy/internal/bus"
	"vacancy/internal/bus/bustest"
	"vacancy/internal/bus/natsbus"
)

// misconfigured are ways to set a bus or its server up wrongly, with what the operator is told.
func misconfigured(t *testing.T) []bustest.Misconfigured {
	t.Helper()
	const wrong = "a-wrong-secret"
	untrusted, expired := newCertificate(t, time.Now().Add(time.Hour)), newCertificate(t, time.Now().Add(-time.Hour))
	// onBroker opens a bus on the broker of the suite.
	onBroker := func(c natsbus.Config, streams ...jetstream.StreamConfig) func(testing.TB, bustest.Broker, bustest.Client) bus.Bus {
		return func(tb testing.TB, broker bustest.Broker, client bustest.Client) bus.Bus {
			tb.Helper()
			for _, s := range streams {
				makeStream(tb, broker.Address, s)
			}
			c := c
			if c.URL == "" {
				c.URL = url(client.Address)
			}
			c.URL, c.Log = strings.ReplaceAll(c.URL, "$ADDRESS", client.Address), client.Log
			return open(tb, c)
		}
	}
	// onServer opens a bus on a server of its own.
	onServer := func(server string, c natsbus.Config) func(testing.TB, bustest.Broker, bustest.Client) bus.Bus {
		return func(tb testing.TB, _ bustest.Broker, client bustest.Client) bus.Bus {
			tb.Helper()
			c := c
			address := startBroker(tb, server).address
			if c.URL == "" {
				c.URL = url(address)
			}
			c.URL, c.Log, c.Declare = strings.ReplaceAll(c.URL, "$ADDRESS", address), client.Log, true
			return open(tb, c)
		}
	}
	stream := func(name string, change func(*jetstream.StreamConfig)) jetstream.StreamConfig {
		s := jetstream.StreamConfig{Name: name, Subjects: []string{strings.ToLower(name) + ".>"}}
		if change != nil {
			change(&s)
		}
		return s
	}
	return []bustest.Misconfigured{
		{
			Name: "wrong password", Secret: wrong, Says: []string{"refuses the credentials"},
			Open: onBroker(natsbus.Config{URL: "nats://" + user + ":" + wrong + "@$ADDRESS"}),
		},
		{
			Name: "wrong token", Secret: wrong, Says: []string{"refuses the credentials"},
			Open: onBroker(natsbus.Config{URL: "nats://$ADDRESS", Token: wrong}),
		},
		{
			Name: "credentials file is missing", Says: []string{"cannot be read", "/no/such.creds"},
			Open: onBroker(natsbus.Config{URL: "nats://$ADDRESS", CredentialsFile: "/no/such.creds"}),
		},
		{
			Name: "certificates that are missing", Says: []string{"cannot be read", "/no/such/authority.pem"},
			Open: onBroker(natsbus.Config{CAFile: "/no/such/authority.pem"}),
		},
		{
			Name: "no certificates in the file", Says: []string{"has no certificate in PEM"},
			Open: onBroker(natsbus.Config{CAFile: untrusted.key}),
		},
		{
			Name: "a credentials file with something else", Says: []string{"as nsc writes them"},
			Open: onBroker(natsbus.Config{URL: "nats://$ADDRESS", CredentialsFile: untrusted.cert}),
		},
		{
			Name: "own certificate is missing", Says: []string{"client certificate", "/no/such/client.pem"},
			Open: onBroker(natsbus.Config{CertFile: "/no/such/client.pem", KeyFile: untrusted.key}),
		},
		{
			Name: "no JetStream", Says: []string{"JetStream is off"},
			Open: onServer("authorization { user: "+user+", password: "+password+" }", natsbus.Config{}),
		},
		{
			Name: "the stream is missing", Says: []string{"no stream MISSING"},
			Open: onBroker(natsbus.Config{Stream: "MISSING", Subject: "missing"}),
		},
		{
			Name: "the stream takes other subjects", Says: []string{"the stream ROOMS takes rooms.>, and not vacancy.>"},
			Open: onBroker(natsbus.Config{Stream: "ROOMS"}, stream("ROOMS", nil)),
		},
		{
			Name: "another stream has the subjects", Says: []string{"refuses the stream MINE"},
			Open: onBroker(natsbus.Config{Stream: "MINE", Subject: "theirs", Declare: true}, stream("THEIRS", nil)),
		},
		{
			Name: "the stream confirms nothing", Says: []string{"confirms nothing"},
			Open: onBroker(natsbus.Config{Stream: "QUIET", Subject: "quiet"},
				stream("QUIET", func(s *jetstream.StreamConfig) { s.NoAck = true })),
		},
		{
			Name: "too few servers", Says: []string{"too few servers for 3 replicas"},
			Open: onBroker(natsbus.Config{Stream: "THRICE", Subject: "thrice", Declare: true, Replicas: 3}),
		},
		{
			Name: "too little storage", Says: []string{"not enough storage for the stream LARGE"},
			Open: onBroker(natsbus.Config{Stream: "LARGE", Subject: "large", Declare: true, MaxBytes: 1 << 40}),
		},
		{
			Name: "no permission to publish", Says: []string{"lacks a permission"},
			Open: onServer(`jetstream { store_dir: "$DIR/jetstream" }
				authorization { users: [ { user: `+user+`, password: `+password+`, permissions: { publish: { deny: "vacancy.>" } } } ] }`,
				natsbus.Config{}),
		},
		{
			Name: "no permission for JetStream's API", Says: []string{"lacks a permission"},
			Open: onServer(`jetstream { store_dir: "$DIR/jetstream" }
				authorization { users: [ { user: `+user+`, password: `+password+`, permissions: { publish: "vacancy.>" } } ] }`,
				natsbus.Config{}),
		},
		{
			Name: "a certificate of an unknown authority", Says: []string{"not to be trusted"},
			Open: onServer(jetStream+untrusted.tls(""), natsbus.Config{}),
		},
		{
			Name: "a certificate that has ended", Says: []string{"not to be trusted", "expired"},
			Open: onServer(jetStream+expired.tls(""), natsbus.Config{CAFile: expired.cert}),
		},
		{
			Name: "no certificate of the client", Says: []string{"refuses this client's certificate, or wants one"},
			Open: onServer(jetStream+untrusted.tls(`ca_file: "`+untrusted.cert+`", verify: true`), natsbus.Config{CAFile: untrusted.cert}),
		},
		{
			Name: "the server speaks no TLS", Says: []string{"do not agree on TLS"},
			Open: onBroker(natsbus.Config{URL: "tls://" + user + ":" + password + "@$ADDRESS"}),
		},
		{
			Name: "the server is another program", Says: []string{"is no NATS server"},
			Open: func(tb testing.TB, _ bustest.Broker, client bustest.Client) bus.Bus {
				tb.Helper()
				return open(tb, natsbus.Config{URL: url(otherProgram(tb)), Log: client.Log})
			},
		},
	}
}

// otherProgram is the address of a server that is none of NATS.
func otherProgram(tb testing.TB) string {
	tb.Helper()
	listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	must(tb, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("220 mail.example ESMTP\r\n"))
			_ = conn.Close()
		}
	}()
	tb.Cleanup(func() { _ = listener.Close(); <-done })
	return listener.Addr().String()
}

// TestCredentials: each kind of them, with servers that want them.
func TestCredentials(t *testing.T) {
	t.Parallel()
	server, client := newCertificate(t, time.Now().Add(time.Hour)), newCertificate(t, time.Now().Add(time.Hour))
	credentials, resolver := account(t)
	const store = "jetstream { store_dir: \"$DIR/jetstream\" }\n"
	for name, c := range map[string]struct {
		server string
		config natsbus.Config
	}{
		"none":              {store, natsbus.Config{URL: "nats://$ADDRESS"}},
		"name and password": {jetStream, natsbus.Config{URL: url("$ADDRESS")}},
		"token":             {store + "authorization { token: t0ken }", natsbus.Config{URL: "nats://$ADDRESS", Token: "t0ken"}},
		"token in the URL":  {store + "authorization { token: t0ken }", natsbus.Config{URL: "nats://t0ken@$ADDRESS"}},
		"credentials file":  {store + resolver, natsbus.Config{URL: "nats://$ADDRESS", CredentialsFile: credentials}},
		"TLS": {
			jetStream + server.tls(""), natsbus.Config{URL: "tls://" + user + ":" + password + "@$ADDRESS", CAFile: server.cert},
		},
		"TLS on both sides": {
			jetStream + server.tls(`ca_file: "`+client.cert+`", verify: true`),
			natsbus.Config{URL: url("$ADDRESS"), CAFile: server.cert, CertFile: client.cert, KeyFile: client.key},
		},
		"the second of two servers": {jetStream, natsbus.Config{URL: url(freeAddress(t)) + ", " + url("$ADDRESS")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := bustest.NewLog()
			config := c.config
			config.URL = strings.ReplaceAll(config.URL, "$ADDRESS", startBroker(t, c.server).address)
			config.Declare, config.Log = true, log.Logger()
			b := open(t, config)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if _, err := b.Publish(ctx, "yoga", bustest.Events("yoga", 0, 3)); err != nil {
				t.Errorf("%v\n%s", err, log)
			}
			for _, secret := range []string{password, "t0ken"} {
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log shows a secret: %s", log)
				}
			}
		})
	}
}

// account makes an operator with an account and a user, as nsc does: the user's credentials file, and the server's configuration.
func account(t *testing.T) (credentials, resolver string) {
	t.Helper()
	keys := make(map[string]nkeys.KeyPair)
	public := make(map[string]string)
	for name, create := range map[string]func() (nkeys.KeyPair, error){
		"operator": nkeys.CreateOperator, "system": nkeys.CreateAccount, "account": nkeys.CreateAccount, "user": nkeys.CreateUser,
	} {
		pair, err := create()
		must(t, err)
		keys[name] = pair
		public[name], err = pair.PublicKey()
		must(t, err)
	}
	operator := jwt.NewOperatorClaims(public["operator"])
	operator.SystemAccount = public["system"]
	system := jwt.NewAccountClaims(public["system"])
	account := jwt.NewAccountClaims(public["account"])
	account.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: -1, MemoryStorage: -1, Streams: -1, Consumer: -1}
	tokens := make(map[string]string)
	for name, claims := range map[string]jwt.Claims{"operator": operator, "system": system, "account": account} {
		token, err := claims.Encode(keys["operator"])
		must(t, err)
		tokens[name] = token
	}
	token, err := jwt.NewUserClaims(public["user"]).Encode(keys["account"])
	must(t, err)
	seed, err := keys["user"].Seed()
	must(t, err)
	text, err := jwt.FormatUserConfig(token, seed)
	must(t, err)
	credentials = filepath.Join(t.TempDir(), "vacancy.creds")
	must(t, os.WriteFile(credentials, text, 0o600))
	return credentials, fmt.Sprintf("operator: %s\nresolver: MEMORY\nsystem_account: %s\nresolver_preload: { %s: %s, %s: %s }\n",
		tokens["operator"], public["system"], public["system"], tokens["system"], public["account"], tokens["account"])
}

// TestConfigurationIsChecked: what can be known without a server is told at once, and without secrets.
func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config natsbus.Config
		says   string
	}{
		"no URL":                {natsbus.Config{}, "must begin with nats://"},
		"no scheme":             {natsbus.Config{URL: "swordfish@host:4222"}, "is none"},
		"another scheme":        {natsbus.Config{URL: "amqp://user:swordfish@host"}, "must begin with nats://"},
		"no host":               {natsbus.Config{URL: "nats://user:swordfish@"}, "has no host"},
		"bad port":              {natsbus.Config{URL: "nats://user:swordfish@host:port"}, "invalid port"},
		"bad escape":            {natsbus.Config{URL: "nats://user:swordfish%zz@host"}, "invalid"},
		"path":                  {natsbus.Config{URL: "nats://user:swordfish@host/VACANCY"}, "more than a host"},
		"second is wrong":       {natsbus.Config{URL: "nats://host,user:swordfish@host"}, "must begin with"},
		"stream":                {natsbus.Config{URL: "nats://host", Stream: "a.b"}, "stream's name"},
		"subject":               {natsbus.Config{URL: "nats://host", Subject: "vacancy.>"}, "subject"},
		"replicas":              {natsbus.Config{URL: "nats://host", Replicas: 6}, "1 to 5"},
		"age":                   {natsbus.Config{URL: "nats://host", MaxAge: time.Minute}, "forgets them too soon"},
		"size":                  {natsbus.Config{URL: "nats://host", MaxBytes: -1}, "negative"},
		"certificate, no key":   {natsbus.Config{URL: "nats://host", CertFile: "client.pem"}, "together"},
		"key and no certifcate": {natsbus.Config{URL: "nats://host", KeyFile: "client.pem"}, "together"},
	} {
		b, err := natsbus.New(c.config)
		if err == nil {
			_ = b.Close()
			t.Errorf("%s: accepted", name)
			continue
		}
		if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%s: %v, want %q and no secret", name, err, c.says)
		}
	}
}
