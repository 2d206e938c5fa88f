package view

// InMemory counts the venues that are kept.
func (v *View) InMemory() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.venues)
}

// How long a reader waits for the store.
const (
	ReaderTimeout = readerTimeout
	StaleTimeout  = staleTimeout
)
