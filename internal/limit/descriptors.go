package limit

// NodeConnections is how many connections a node may have: nine tenths of the descriptors that the process may open, so that the
// database and files find some left, and some at least where there are few. Descriptors is that limit; 0, and the default for
// connections, if it is not known.
func NodeConnections() (connections int, descriptorLimit uint64) {
	n := descriptors()
	return connectionsOf(n), n
}

// connectionsOf is how many connections so many descriptors leave room for.
func connectionsOf(n uint64) int {
	switch {
	case n == 0:
		return maxNodeConnections
	case n < 2*reservedDescriptors:
		return int(n / scarceDescriptorsShare)
	}
	return int(min(n-n/freeDescriptorsShare, n-reservedDescriptors, maxNodeConnections))
}
