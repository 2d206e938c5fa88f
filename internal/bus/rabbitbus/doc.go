// Package rabbitbus publishes events to RabbitMQ.
//
//	b, err := rabbitbus.New(rabbitbus.Config{URL: "amqps://vacancy:secret@rabbit.example.org/", Declare: true, Log: log})
//
// Events go to a durable topic exchange with the routing key "venue.event", such as "yoga.booking.confirmed", as persistent messages in
// the structured JSON of CloudEvents. Each message is mandatory and confirmed: [bus.Bus.Publish] returns nil when RabbitMQ has confirmed
// all of the batch, which it does when every queue that a message was routed to has it as safe as that queue makes it. Which queues
// there are is the consumers' matter; with [Config.Queue] there is one that is safe.
//
// One connection is kept, and made again when it breaks. A batch has a channel to itself until it is settled, so that an error of a
// channel belongs to one batch.
package rabbitbus
