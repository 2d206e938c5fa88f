package view

import (
	"context"
	"time"
)

// RunPruning drops claims that are long past until ctx ends, for a view of which Run is not called: one whose readers bring it up to date
// by themselves.
func (v *View) RunPruning(ctx context.Context) {
	ticker := time.NewTicker(pruneInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			v.pruneClaims(v.Now())
		}
	}
}

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
