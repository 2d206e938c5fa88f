package doctor

import (
	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// identityShown: the host in charge shows where it writes its history, so that a promotion is noticed.
func identityShown(f *facts.Facts) []Finding {
	h := inCharge(f)
	if h == nil || h.State != failover.Writable {
		return nil
	}
	if h.Place.System == "" || h.Place.Timeline == "" {
		return []Finding{found(Note, linkUnpromised, h.Host, "it does not show its system identifier and timeline: servers cannot see a "+
			"failover there, and trust the fencing of whoever runs it").
			todo("Make sure that your provider never lets the old primary go on after a failover.")}
	}
	return []Finding{found(OK, linkHappens, h.Host, "it shows its system identifier and timeline: a promotion begins a term")}
}
