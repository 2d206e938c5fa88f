package meter

import "time"

// Usage is what a run took of the machine while the load ran.
type Usage struct {
	// ServerCPU is that of all nodes, in seconds; the reference has none.
	ServerCPU float64 `json:"server_cpu_seconds"`
	// ServerMemory is resident, over all nodes, at the end of the load.
	ServerMemory int64 `json:"server_memory_bytes"`
	// DatabaseCPU is that of the PostgreSQL server's processes, in seconds; 0 if they are not on this machine, or there are none.
	DatabaseCPU float64 `json:"database_cpu_seconds"`
	// LoadCPU is what the load took away from the others, in seconds.
	LoadCPU float64 `json:"load_cpu_seconds"`
}

// Meter is a source of figures whose growth during a load is measured.
type Meter struct {
	// Server is what the nodes have used so far, Database what the database server has. Either may be nil.
	Server   func() (Use, error)
	Database func() (time.Duration, error)
}

// Measure runs a load, and tells what it took.
func (m Meter) Measure(load func() error) (Usage, error) {
	server, database, err := m.read()
	if err != nil {
		return Usage{}, err
	}
	own := Own()
	if err := load(); err != nil {
		return Usage{}, err
	}
	own = Own() - own
	serverAfter, databaseAfter, err := m.read()
	return Usage{
		ServerCPU: (serverAfter.CPU - server.CPU).Seconds(), ServerMemory: serverAfter.Memory,
		DatabaseCPU: (databaseAfter - database).Seconds(), LoadCPU: own.Seconds(),
	}, err
}

func (m Meter) read() (server Use, database time.Duration, err error) {
	if m.Server != nil {
		if server, err = m.Server(); err != nil {
			return server, 0, err
		}
	}
	if m.Database != nil {
		database, err = m.Database()
	}
	return server, database, err
}
