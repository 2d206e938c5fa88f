package app

import (
	"context"
	"fmt"
	"log/slog"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
	"vacancy/internal/bus/kafkabus"
	"vacancy/internal/bus/natsbus"
	"vacancy/internal/bus/rabbitbus"
	"vacancy/internal/config"
	"vacancy/internal/view"
)

// newBroker makes the bus to the broker that the configuration names, which need not be there.
func newBroker(c config.Config, log *slog.Logger) (bus.Bus, error) {
	log = log.With("bus", c.BusKind())
	switch c.BusKind() {
	case config.RabbitMQ:
		return asBus(rabbitbus.New(rabbitbus.Config{
			URL: c.Bus, CAFile: c.BusCA, CertFile: c.BusCert, KeyFile: c.BusKey,
			Exchange: c.BusTopic, Declare: c.BusDeclare, Queue: c.BusQueue, Name: nodeName(), Log: log,
		}))
	case config.NATS:
		return asBus(natsbus.New(natsbus.Config{
			URL: c.Bus, CredentialsFile: c.BusCredentials, CAFile: c.BusCA, CertFile: c.BusCert, KeyFile: c.BusKey,
			Stream: c.BusStream(), Subject: c.BusTopic, Declare: c.BusDeclare, Replicas: c.BusReplicas, Name: nodeName(), Log: log,
		}))
	case config.Kafka:
		address, err := config.ParseKafkaURL(c.Bus)
		if err != nil {
			return nil, err
		}
		return asBus(kafkabus.New(kafkabus.Config{
			Brokers: address.Brokers, Topic: c.BusTopic, Declare: c.BusDeclare, Partitions: c.BusPartitions, Replicas: c.BusReplicas,
			TLS: address.TLS, CAFile: c.BusCA, CertFile: c.BusCert, KeyFile: c.BusKey,
			Mechanism: address.Mechanism, User: address.User, Password: address.Password, Log: log,
		}))
	default:
		return nil, fmt.Errorf("--bus: there is no such kind of broker: %q", c.BusKind())
	}
}

// asBus is a bus that was made, or nil: a nil pointer in an interface is not nil.
func asBus[B bus.Bus](made B, err error) (bus.Bus, error) {
	if err != nil {
		return nil, err
	}
	return made, nil
}

// hasOthers tells whether other nodes may use the database.
func (a *App) hasOthers() bool {
	_, ok := a.config.PostgresURL()
	return ok
}

// hintOthers wakes other nodes by the broker, besides the database's own way; nil if it cannot. A copy hints nobody: those who hear it are
// the nodes of the original.
func (a *App) hintOthers() hintFunc {
	hinter, ok := a.broker.(bus.Hinter)
	if !ok {
		return nil
	}
	return func(venue booking.VenueID, revision booking.Revision) {
		if !a.outboxPaused.Load() {
			hinter.Announce(venue, revision)
		}
	}
}

// watchOthers lets other nodes' writes be seen at once, as the database and the broker tell of them. What it misses, the view's periodic
// check finds.
func (a *App) watchOthers(ctx context.Context, hints *view.HintQueue) {
	hint := func(venue booking.VenueID, revision booking.Revision) {
		hints.Enqueue(venue, revision)
		a.relays.committed(venue, revision)
	}
	watch := func(from string, watch func(context.Context, func(booking.VenueID, booking.Revision)) error) {
		if err := watch(ctx, hint); err != nil && ctx.Err() == nil {
			a.log.Error("other nodes' changes are not heard of; they are seen within a second", "from", from, "error", err)
		}
	}
	a.background.Go(func() { watch("database", a.database.watch) })
	if hinter, ok := a.broker.(bus.Hinter); ok && a.hasOthers() {
		a.background.Go(func() { watch("broker", hinter.Watch) })
	}
}
