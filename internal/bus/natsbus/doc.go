// Package natsbus publishes events to a NATS JetStream stream.
//
//	b, err := natsbus.New(natsbus.Config{URL: "nats://user:password@nats.example:4222", Declare: true, Log: log})
//	receipt, err := b.Publish(ctx, venue, events)
//
// An event of venue yoga is a message on the subject vacancy.yoga.booking.confirmed, whose body is the event in the JSON format of
// CloudEvents. Its message id is the event's, so JetStream drops what is sent again within the stream's duplicate window, and what comes
// later than that is a repeat.
//
// # Order
//
// A batch is sent in one flight, over one connection: the package makes connections itself, one after the other, since nats.go's own way
// to connect again would send the rest of a batch over the next one, and what was lost with the last would come after it. A server takes
// the messages of a connection in their order. Two things can still put the first occurrences of a venue out of order: a stream that
// refuses a message and has room for a later one, and a cluster whose stream gets another leader within a batch. Consumers do not depend
// on order.
//
// # Confirmation
//
// JetStream confirms a message when it has written it to the operating system, not to the disk, unless the server has sync_interval:
// always; with several replicas, when most of them have. See docs/choosing-a-broker.md.
package natsbus
