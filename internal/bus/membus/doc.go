// Package membus is a bus within one process: subscribers get the events from bounded queues in memory.
//
//	b := membus.New(membus.Config{})
//	s := b.Subscribe()
//	receipt, err := b.Publish(ctx, venue, events) // confirmed: in the queue of each subscriber
//	event, err := s.Next(ctx)
//
// What is in a queue is lost with the process. A subscriber that does not take its events holds the publishers up, as a broker does whose
// queue is full.
package membus
