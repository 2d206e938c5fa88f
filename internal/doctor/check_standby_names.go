package doctor

import (
	"slices"

	"vacancy/internal/doctor/facts"
)

// standbyNames: the standbys that commits wait for are named.
func standbyNames(f *facts.Facts) []Finding {
	h := inCharge(f)
	if h == nil {
		return nil
	}
	names, err := parseSyncNames(h.SynchronousStandbyNames)
	if err != nil || !slices.Contains(names.names, "*") {
		return nil
	}
	return []Finding{found(Note, linkSetUp, h.Host, "its synchronous_standby_names = '%s' takes whoever connects for a standby, a program "+
		"that archives the log too: with one more, an acknowledgement may be on that one alone", h.SynchronousStandbyNames).
		todo("Name the standbys that may be promoted.")}
}
