package tlscert

import "time"

const (
	// reloadInterval is how often the files are read. They are small, and a program that renews certificates cannot tell us.
	reloadInterval = 2 * time.Second
	// acmeCheckInterval is how often each domain's certificate is asked for, so that one that fails to renew is in the log before it
	// expires. autocert itself tries no more than once a minute.
	acmeCheckInterval = time.Hour
	// acmeRetryInterval is the same while there is no certificate.
	acmeRetryInterval = time.Minute
	// expiryWarning is how long before its end a certificate is complained of. Those who renew do so earlier.
	expiryWarning = 7 * 24 * time.Hour
)
