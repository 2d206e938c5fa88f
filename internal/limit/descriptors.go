package limit

// NodeConnections is how many connections a node may have: nine tenths of the descriptors that the process may open, so that the
// database, the event bus and files find some left. Descriptors is that limit; 0, and the default for connections, if it is not known.
func NodeConnections() (connections int, descriptorLimit uint64) {
	n := descriptors()
	if n == 0 {
		return maxNodeConnections, 0
	}
	return int(min(n/10*9, maxNodeConnections)), n
}
