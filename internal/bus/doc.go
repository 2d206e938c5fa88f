// Package bus is the contract between the relay and whatever carries events to the outside: a broker, or webhooks. The events are
// CloudEvents 1.0; the package has their envelope, and the adapters beside it have the wire of each broker.
//
//	receipt, err := b.Publish(ctx, venue, events) // confirmed, all of them, or an error
//
// The relay sends the events of a venue in order, one batch at a time, and moves its cursor once a batch is confirmed. After an error it
// sends the whole batch again, so an event may arrive more than once, and its first occurrences arrive in order.
//
// What a broker cannot do is not in the contract: nothing is fenced, nothing is exactly once, and nothing is read back. Adapters pass the
// suite in bustest.
package bus
