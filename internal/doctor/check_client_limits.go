package doctor

import "vacancy/internal/doctor/facts"

// clientLimits: one client cannot take all that a server has.
func clientLimits(f *facts.Facts) []Finding {
	if f.Settings.Limits {
		return []Finding{found(OK, linkLimits, "", "what one client may do is limited")}
	}
	return []Finding{found(Warning, linkLimits, "", "limits are off (--limits=off): one client can take all places, and all that a server "+
		"has").
		todo("Turn them on, unless something in front limits.")}
}
