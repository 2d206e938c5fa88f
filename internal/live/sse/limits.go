package sse

import "time"

const (
	// pingInterval is the period of the comments that keep a connection open through proxies, and show whether it is.
	pingInterval = 15 * time.Second
	// maxReaderBytes is how many bytes a reader may send after its request. It has nothing to say.
	maxReaderBytes = 4 << 10

	// minRetryDelay and maxRetryDelay are after how long a reader comes back whose connection broke without a goodbye. The delay is random, so
	// that not all come at once.
	minRetryDelay, maxRetryDelay = time.Second, 3 * time.Second
)
