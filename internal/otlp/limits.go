package otlp

import "time"

const (
	// maxQueuedSpans bounds the spans that wait to be sent: some 2 MB. What comes when it is full is dropped.
	maxQueuedSpans = 4096
	// maxBatchSpans is how many spans are sent at once, and batchInterval how long they are gathered at most.
	maxBatchSpans = 512
	batchInterval = time.Second
	// exportTimeout bounds how long a batch is tried to be sent.
	exportTimeout = 10 * time.Second
	// metricsInterval is the time between two deliveries of the metrics, as of Prometheus' usual scrape.
	metricsInterval = 15 * time.Second
	// closeTimeout is how long a server that stops goes on sending what waits.
	closeTimeout = 2 * time.Second
	// maxLinks bounds the links of a batch's span to the requests that it decides: up to 512 have one batch.
	maxLinks = 32
)
