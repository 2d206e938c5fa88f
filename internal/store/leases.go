package store

import (
	"slices"
	"time"
)

// Leases are those of one bus in memory, for stores whose database one process has at a time: whoever had them is gone with it. They may
// not be used by several goroutines at once.
type Leases struct {
	// expires is until when all leases of a holder are valid.
	expires map[string]time.Time
	holders [Shards]string
}

// Keep renews a holder's leases; see [Relay].
func (l *Leases) Keep(lease Lease, now time.Time) (kept []Shard) {
	if l.expires == nil {
		l.expires = make(map[string]time.Time)
	}
	for holder, at := range l.expires {
		if at.Before(now.Add(-HolderRetention)) {
			delete(l.expires, holder)
		}
	}
	l.expires[lease.Holder] = now.Add(lease.Duration)
	holders := 0
	for holder := range l.expires {
		if l.lives(holder, now) {
			holders++
		}
	}
	share := (Shards + holders - 1) / holders
	for shard, holder := range &l.holders {
		if holder != lease.Holder {
			continue
		}
		switch {
		case len(kept) < share:
			kept = append(kept, Shard(shard))
		case !slices.Contains(lease.Held, Shard(shard)):
			l.holders[shard] = ""
		}
	}
	for shard, holder := range &l.holders {
		if len(kept) < share && !l.lives(holder, now) {
			l.holders[shard] = lease.Holder
			kept = append(kept, Shard(shard))
		}
	}
	slices.Sort(kept)
	return kept
}

// Release gives up all leases of a holder.
func (l *Leases) Release(holder string) { delete(l.expires, holder) }

// Holds tells whether a holder has the lease of a shard.
func (l *Leases) Holds(holder string, shard Shard, now time.Time) bool {
	return l.holders[shard] == holder && l.lives(holder, now)
}

func (l *Leases) lives(holder string, now time.Time) bool { return l.expires[holder].After(now) }
