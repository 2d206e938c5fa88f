package rabbitbus

import (
	"net"
	"sync"
	"time"
)

// socket bounds each write. The library writes with locks held that it also needs to give a connection up, so a write that waited for a
// peer that reads nothing would hold up everything, the end of the connection included.
type socket struct {
	net.Conn

	mu sync.Mutex
	// err is the first error of a read or write: the library passes on its text alone.
	err error
}

func (s *socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.note(err)
	return n, err
}

func (s *socket) Write(p []byte) (int, error) {
	err := s.SetWriteDeadline(time.Now().Add(writeTimeout))
	n := 0
	if err == nil {
		n, err = s.Conn.Write(p)
	}
	s.note(err)
	return n, err
}

func (s *socket) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// failure is the first error of a read or write, or nil.
func (s *socket) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return plain(s.err)
}
