package doctor

import "vacancy/internal/doctor/facts"

// databaseConnections: PostgreSQL has room for the connections of all servers.
func databaseConnections(f *facts.Facts) (all []Finding) {
	charge := inCharge(f)
	if charge == nil {
		return nil
	}
	servers := max(len(liveNodes(f.Postgres, charge)), 1)
	wanted := servers * (f.Settings.Connections + extraConnections)
	for i := range f.Postgres.Hosts {
		h := &f.Postgres.Hosts[i]
		if h.MaxConnections > 0 && wanted > h.MaxConnections {
			all = append(all, found(Warning, linkServers, h.Host, "%s with --connections %d take up to %d connections, and it has %d for them",
				count(servers, "server"), f.Settings.Connections, wanted, h.MaxConnections).
				todo("Raise max_connections there, or lower --connections."))
		}
	}
	return all
}
