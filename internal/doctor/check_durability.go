package doctor

import (
	"slices"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// durability: what a host commits survives a crash, and reaches the standbys that it waits for. Standbys have settings of their own, which
// count when they are promoted.
func durability(f *facts.Facts) (all []Finding) {
	if f.Postgres == nil {
		return nil
	}
	for i := range f.Postgres.Hosts {
		h := &f.Postgres.Hosts[i]
		if answers(h) {
			all = append(all, hostDurability(h, len(f.Postgres.Hosts) > 1)...)
		}
	}
	return all
}

func hostDurability(h *facts.Host, several bool) (all []Finding) {
	effect := "no server uses it"
	if h.State == failover.Standby {
		effect = "no server takes it for a backup"
	}
	for _, s := range []struct{ name, value, loss string }{
		{"fsync", h.Fsync, "a crash of the machine could destroy the database"},
		{"full_page_writes", h.FullPageWrites, "a crash of the machine could destroy the database"},
		{"synchronous_commit", h.SynchronousCommit, "bookings that were confirmed could be gone after a crash"},
	} {
		if s.value == "off" {
			all = append(all, found(Problem, linkPostgres, h.Host, "it has %s = off: %s, and %s", s.name, s.loss, effect).
				todo("Set %s = on, and reload the host.", s.name))
		}
	}
	weak := slices.Contains([]string{"local", "remote_write"}, h.SynchronousCommit)
	switch {
	case weak && h.SynchronousStandbyNames != "":
		all = append(all, found(Problem, linkSetUp, h.Host, "it has synchronous_standby_names set and synchronous_commit = %s: a booking that "+
			"was confirmed could be gone after a failover, and %s", h.SynchronousCommit, effect).
			todo("Set synchronous_commit = on, for the server and for the user and database of Vacancy, and reload the host."))
	case weak && several:
		all = append(all, found(Note, linkSetUp, h.Host, "it has synchronous_commit = %s: servers refuse it as soon as it is told to wait for "+
			"standbys", h.SynchronousCommit).todo("Set synchronous_commit = on before you set synchronous_standby_names."))
	}
	switch {
	case len(all) > 0:
	case h.Fsync == "" && h.FullPageWrites == "" && h.SynchronousCommit == "":
		all = append(all, found(Note, linkUnpromised, h.Host, "it does not show what its commits are worth (fsync, synchronous_commit): what "+
			"its maker says is trusted"))
	default:
		all = append(all, found(OK, linkPostgres, h.Host, "what it commits survives a crash: fsync = %s, full_page_writes = %s, "+
			"synchronous_commit = %s", h.Fsync, h.FullPageWrites, h.SynchronousCommit))
	}
	return all
}
