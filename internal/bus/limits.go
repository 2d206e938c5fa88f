package bus

import "time"

const (
	// SpecVersion is the version of CloudEvents.
	SpecVersion = "1.0"
	// ContentType is that of [Event.Structured].
	ContentType = "application/cloudevents+json"
	// DataContentType is that of [Event.Data].
	DataContentType = "application/json"

	// MaxEventSize bounds an event's data, in bytes. Brokers take messages of 1 MB as they are installed, and webhooks' receivers less.
	MaxEventSize = 256 << 10
	// MaxBatch is the most events of one [Bus.Publish].
	MaxBatch = 1000
	// PublishTimeout is how long one [Bus.Publish] may take. What is not confirmed by then is sent again, all of it: a bus that takes longer
	// whenever there is much never gets on.
	PublishTimeout = 10 * time.Second

	// MaxHints is of how many venues a hint waits to be passed on. One that is lost costs a node the time until its next periodic check.
	MaxHints = 10_000
)
