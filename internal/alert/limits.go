package alert

import "time"

const (
	// maxActive bounds the alerts that are active at once. There is a fixed number of keys in the program; this is a defence against a key
	// that was made of something else.
	maxActive = 100
	// maxTextBytes bounds an alert's text: one sentence.
	maxTextBytes = 600

	// perMinute is how many notifications one notifier sends within a minute: a person cannot read more, and a pager's service blocks
	// those who send many. What waits is merged by key.
	perMinute = 10
	// sendTimeout bounds one attempt: a webhook's answer, a command's run.
	sendTimeout = 10 * time.Second
	// firstBackoff and maxBackoff are the time between attempts: doubled each time, with jitter.
	firstBackoff = time.Second
	maxBackoff   = time.Minute
	// maxAttempts ends some 15 minutes after the first attempt. A receiver that is away for longer is a matter of its own, which the log
	// and a metric tell.
	maxAttempts = 20
	// closeTimeout is how long a node that stops goes on sending what was raised.
	closeTimeout = 2 * time.Second

	// outputTimeout is how long a command that has ended may have its output held open by what it started.
	outputTimeout = time.Second
	// maxOutputBytes is how much of a failed command's output the log shows.
	maxOutputBytes = 1 << 10
)
