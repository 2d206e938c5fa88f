package view

import "time"

// pruneClaims drops claims that ended before their retention from the pictures in memory.
func (v *View) pruneClaims(now time.Time) {
	v.mu.RLock()
	entries := make([]*entry, 0, len(v.venues))
	for _, e := range v.venues {
		entries = append(entries, e)
	}
	v.mu.RUnlock()
	for _, e := range entries {
		e.mu.Lock()
		if p := e.picture.Load(); p != nil {
			e.picture.Store(p.withoutClaimsBefore(now.Add(-claimRetention)))
		}
		e.mu.Unlock()
	}
}
