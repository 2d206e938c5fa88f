package facts

// Server is what the server that runs on this machine shows of itself.
type Server struct {
	// URL is where it was asked.
	URL string
	// Ready: it serves. Writable: a booking is likely to succeed.
	Ready, Writable bool
	// Term is that of its database, 0 if it has none.
	Term int64
	// UntrustedPeers is from how many private addresses requests came in the last ten minutes that are not those of trusted proxies.
	UntrustedPeers int
	// Alerts are those that it raises now.
	Alerts []Alert
}

// Alert is a condition that needs a person.
type Alert struct {
	Key      string
	Critical bool
}
