package doctor

import (
	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// requireStandby: where bookings are to be on a standby, servers insist on it.
func requireStandby(f *facts.Facts) []Finding {
	h := inCharge(f)
	if h == nil || h.State != failover.Writable {
		return nil
	}
	switch waits := h.SynchronousStandbyNames != ""; {
	case waits && f.Settings.RequireStandby:
		return []Finding{found(OK, linkSetUp, h.Host, "servers book only while it is told to wait for standbys (--require-standby)")}
	case waits:
		return []Finding{found(Warning, linkSetUp, h.Host, "it waits for standbys, and nothing keeps servers from booking when "+
			"synchronous_standby_names is emptied, by hand or by a failover").todo("Set --require-standby on every server.")}
	case f.Settings.RequireStandby:
		return []Finding{found(Problem, runbook(failover.AlertNoSynchronous), h.Host, "--require-standby is set and it is told to wait for no "+
			"standby: nothing is booked").todo("Set synchronous_standby_names there, and reload it.")}
	}
	return nil
}
