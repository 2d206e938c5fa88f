package doctor

import (
	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// promotion looks at what each standby waits for when it is promoted: its own setting counts then, which nobody has tried yet.
func promotion(f *facts.Facts) (all []Finding) {
	if f.Postgres == nil {
		return nil
	}
	charge := inCharge(f)
	for i := range f.Postgres.Hosts {
		h := &f.Postgres.Hosts[i]
		if h.State != failover.Standby {
			continue
		}
		names, err := parseSyncNames(h.SynchronousStandbyNames)
		switch {
		case h.SynchronousStandbyNames == "" && f.Settings.RequireStandby:
			all = append(all, found(Warning, linkSetUp, h.Host, "once it is promoted it waits for no standby, and with --require-standby nothing "+
				"is booked until synchronous_standby_names is set there").
				todo("Decide now what it shall wait for then, and write it into the plan of your failover."))
		case h.SynchronousStandbyNames == "" && charge != nil && charge.SynchronousStandbyNames != "":
			all = append(all, found(Note, linkSetUp, h.Host, "once it is promoted it waits for no standby"))
		case err == nil && countsItself(names, h):
			all = append(all, found(Warning, linkSetUp, h.Host, "once it is promoted it waits for more standbys than '%s' names beside itself, so "+
				"no booking ends", h.SynchronousStandbyNames).todo("Name there the standbys that shall follow it, or none."))
		}
	}
	return all
}

// countsItself tells whether a host's own name is among those that it would need, as it is after a copy of its primary's settings.
func countsItself(names syncNames, h *facts.Host) bool {
	if h.Receiver == nil || h.Receiver.Name == "" || !names.named(h.Receiver.Name) {
		return false
	}
	others := 0
	for _, entry := range names.names {
		if entry == "*" {
			return false
		}
		if !matches(entry, h.Receiver.Name) {
			others++
		}
	}
	return names.count > others
}
