package natsbus

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// subjects is what the stream must take.
func (c *Config) subjects() string { return c.Subject + ".>" }

// openStream finds the stream, or makes it, and checks that it takes events. It returns the largest message that it takes, in bytes.
func (c *Config) openStream(ctx context.Context, nc *nats.Conn) (maxMessage int64, err error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return 0, unavailable("JetStream: %w", err)
	}
	stream, err := js.Stream(ctx, c.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) && c.Declare {
		stream, err = js.CreateStream(ctx, c.declaration())
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another node was faster
			stream, err = js.Stream(ctx, c.Stream)
		} else if err == nil {
			c.Log.Info("stream made", slog.String("stream", c.Stream), slog.String("subjects", c.subjects()))
		}
	}
	if err != nil {
		return 0, c.streamError(err)
	}
	config := stream.CachedInfo().Config
	if err := c.checkStream(&config); err != nil {
		return 0, err
	}
	maxMessage = nc.MaxPayload()
	if config.MaxMsgSize > 0 {
		maxMessage = min(maxMessage, int64(config.MaxMsgSize))
	}
	return maxMessage, nil
}

func (c *Config) declaration() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: c.Stream, Description: "Events of Vacancy, in the JSON format of CloudEvents", Subjects: []string{c.subjects()},
		Storage: jetstream.FileStorage, Replicas: c.Replicas, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld,
		MaxAge: c.MaxAge, MaxBytes: c.MaxBytes, Duplicates: duplicateWindow, AllowDirect: true,
	}
}

// streamError says why there is no stream.
func (c *Config) streamError(err error) error {
	var api *jetstream.APIError
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return misconfigured("NATS has no stream %s: make it, or have it declared", c.Stream)
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount),
		errors.Is(err, nats.ErrNoResponders):
		return misconfigured("JetStream is off at the NATS server, or for this account")
	case errors.As(err, &api) && api.Code < 500: // subjects of another stream, limits of the account
		return misconfigured("NATS refuses the stream %s: %w", c.Stream, err)
	case errors.As(err, &api) && api.ErrorCode == insufficientServers:
		return misconfigured("NATS has too few servers for %d replicas of the stream %s: %w", c.Replicas, c.Stream, err)
	case errors.As(err, &api) && api.ErrorCode == insufficientStorage:
		return misconfigured("NATS has not enough storage for the stream %s of %d bytes: %w", c.Stream, c.MaxBytes, err)
	default:
		return unavailable("the stream %s: %w", c.Stream, err)
	}
}

// checkStream says why a stream that is there cannot be used, and logs what makes it lose events.
func (c *Config) checkStream(config *jetstream.StreamConfig) error {
	switch {
	case !slices.ContainsFunc(config.Subjects, func(s string) bool { return covers(s, c.subjects()) }):
		return misconfigured("the stream %s takes %s, and not %s", c.Stream, strings.Join(config.Subjects, ", "), c.subjects())
	case config.NoAck:
		return misconfigured("the stream %s confirms nothing (no_ack)", c.Stream)
	case config.Sealed:
		return misconfigured("the stream %s is sealed", c.Stream)
	}
	warn := func(why string) {
		c.Log.Warn("stream may lose events", slog.String("stream", c.Stream), slog.String("why", why))
	}
	if config.Storage == jetstream.MemoryStorage {
		warn("it is in memory, and is lost when the server ends")
	}
	if config.PersistMode == jetstream.AsyncPersistMode {
		warn("it confirms before it has written (persist mode async)")
	}
	if config.MaxAge > 0 && config.MaxAge < duplicateWindow {
		warn("it forgets within two minutes")
	}
	return nil
}

// covers tells whether a stream's subject takes all that another one stands for, which ends with ">".
func covers(subject, all string) bool {
	have, want := strings.Split(subject, "."), strings.Split(all, ".")
	for i, token := range have {
		switch {
		case token == ">":
			return true
		case i >= len(want)-1, token != "*" && token != want[i]:
			return false
		}
	}
	return false
}
