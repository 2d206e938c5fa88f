package doctor

import "vacancy/internal/doctor/facts"

// probe: servers notice by themselves that bookings fail, also at night.
func probe(f *facts.Facts) []Finding {
	if f.Settings.Probe {
		return nil
	}
	return []Finding{found(Note, linkProbe, "", "servers do not try whether bookings succeed (--probe-interval=0): what fails at night is "+
		"noticed by the first customer").todo("Leave --probe-interval out.")}
}
