package rabbitbus

import (
	"errors"
	"log/slog"
	"time"
)

// Config says which RabbitMQ to publish to, and how.
type Config struct {
	// URL is amqp://user:password@host:port/vhost, or amqps:// for TLS. Special characters in it are percent-encoded. A host's name may
	// have several addresses, which are tried in turn. As with RabbitMQ's own clients, ?auth_mechanism=external (log in by certificate),
	// cacertfile=, certfile=, keyfile= and server_name_indication= may follow. It is never logged.
	URL string
	// CAFile, CertFile and KeyFile are PEM files: who may have signed RabbitMQ's certificate (empty: the system's authorities), and the
	// certificate that we show. They are read anew for each connection.
	CAFile, CertFile, KeyFile string

	// Exchange is the topic exchange for events; empty is "vacancy". Hints between nodes go to one with ".hints" after it.
	Exchange string
	// Declare makes what is missing: the exchanges, and the queue. Without it they must be there.
	Declare bool
	// Queue is a quorum queue that gets all events, with QueueLimit messages at most, and refuses what comes then. Empty is none.
	Queue string
	// QueueLimit is 1,000,000 if it is 0.
	QueueLimit int64

	// Name is what RabbitMQ lists the connection as; empty is "vacancy".
	Name string
	Log  *slog.Logger

	// Channels bounds the batches under way; 0 is 16.
	Channels int
	// Heartbeat is in whole seconds; 0 is 4 s.
	Heartbeat time.Duration
}

func (c *Config) validate() error {
	if c.Exchange == "" {
		c.Exchange = defaultExchange
	}
	if c.QueueLimit == 0 {
		c.QueueLimit = defaultQueueLimit
	}
	if c.Name == "" {
		c.Name = "vacancy"
	}
	if c.Channels == 0 {
		c.Channels = defaultChannels
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = defaultHeartbeat
	}
	switch {
	case c.Log == nil:
		return errors.New("rabbitbus: no log")
	case len(c.Exchange)+len(hintsSuffix) > maxShortString:
		return errors.New("the name of RabbitMQ's exchange is too long")
	case len(c.Queue) > maxShortString:
		return errors.New("the name of RabbitMQ's queue is too long")
	case c.QueueLimit < 0, c.Channels < 0:
		return errors.New("rabbitbus: negative limit")
	case c.Heartbeat < time.Second:
		return errors.New("the heartbeat of RabbitMQ's connection is 1 s at least")
	case (c.CertFile == "") != (c.KeyFile == ""):
		return errors.New("a certificate for RabbitMQ needs its key, and a key its certificate")
	}
	return nil
}
