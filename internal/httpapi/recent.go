package httpapi

import "sync"

// recent remembers values, as many as it may: a new one takes the place of any other. Its methods may be called from any goroutine.
type recent[K comparable] struct {
	most int

	mu     sync.RWMutex
	values map[K]struct{}
}

func newRecent[K comparable](most int) *recent[K] {
	return &recent[K]{most: most, values: make(map[K]struct{})}
}

func (s *recent[K]) has(value K) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.values[value]
	return ok
}

func (s *recent[K]) add(value K) {
	if s.has(value) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.values) >= s.most {
		for other := range s.values {
			delete(s.values, other)
			break
		}
	}
	s.values[value] = struct{}{}
}

func (s *recent[K]) remove(value K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, value)
}
