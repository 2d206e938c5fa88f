package doctor

import "vacancy/internal/doctor/facts"

// slots: no replication slot keeps the log of a host for nobody until its disk is full.
func slots(f *facts.Facts) (all []Finding) {
	if f.Postgres == nil {
		return nil
	}
	for i := range f.Postgres.Hosts {
		h := &f.Postgres.Hosts[i]
		for _, s := range h.Slots {
			level := Note
			if s.Retained >= largeSlot {
				level = Warning
			}
			all = append(all, found(level, linkUnpromised, h.Host, "nobody reads from its replication slot %q, for which it keeps %d MB of its "+
				"log: that goes on until its disk is full", s.Name, s.Retained>>20).
				todo("Start the standby that the slot is for, or drop it: SELECT pg_drop_replication_slot('%s').", s.Name))
		}
	}
	return all
}
