package probe

import "time"

const (
	// roundTimeout bounds a hold and its cancellation together. The server answers a write within 10 s, whatever its database does.
	roundTimeout = 10 * time.Second
	// failuresToAlert is how many failures in a row are an alert: one may be a restart of the database, three at 5 s are 15 s in which
	// nobody could book.
	failuresToAlert = 3
	// startDelay is how far ahead the probe holds: far enough for clocks that differ.
	startDelay = time.Hour
	// maxAnswerBytes bounds what is read of an answer.
	maxAnswerBytes = 16 << 10
)
