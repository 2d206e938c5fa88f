package limit

import "time"

// Stats are what the operator sees of a limiter.
type Stats struct {
	// Entries is how many lines the table of clients has, of at most MaxEntries. An IPv6 client has three.
	Entries, MaxEntries int
	// FullShards is how many of the table's parts are full of clients that must stay, so that newcomers share an entry there.
	FullShards int
	// OverLimit is how many entries are at their limit now, by the limit's name: their next request of that kind is refused.
	OverLimit map[string]int
	// UnidentifiedPeers is how many addresses have lately had no limits by client, by reason.
	UnidentifiedPeers map[string]int
	// DominantShare is the share of one client in the requests of the last minute, if it is more than half of many; else 0.
	DominantShare float64
}

// Stats reads the whole table: it is for a scrape, not for a request.
func (l *Limiter) Stats() Stats {
	s := Stats{MaxEntries: maxClients, OverLimit: make(map[string]int), UnidentifiedPeers: l.notices.peers()}
	for r := range rates {
		s.OverLimit[r.String()] = 0
	}
	for c := range counts {
		s.OverLimit[c.String()] = 0
	}
	now := l.sinceStart()
	for i := range l.table.shards {
		l.table.shards[i].addTo(&s, now)
	}
	l.dominant.mu.Lock()
	defer l.dominant.mu.Unlock()
	s.DominantShare = l.dominant.share
	return s
}

func (s *shard) addTo(stats *Stats, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats.Entries += len(s.entries)
	if used, mayGo := s.overflow.use(now); used > 0 || !mayGo {
		stats.FullShards++
	}
	for id, e := range s.entries {
		for r := range rates {
			if e.buckets[r].isEmpty(now, id.quota(r).times(id.times())) {
				stats.OverLimit[r.String()]++
			}
		}
		for c := range counts {
			if int(e.held[c]) >= maxConcurrent[c]*id.times() {
				stats.OverLimit[c.String()]++
			}
		}
	}
}

// quota is that of the client whose line this is.
func (i id) quota(r Rate) Quota {
	if i.level == levelKey {
		return keyQuotas[r]
	}
	return addressQuotas[r]
}

// times is how many times the limits of one client hold for the line.
func (i id) times() int {
	for _, prefix := range ipv6Prefixes {
		if int(i.level) == prefix.bits {
			return prefix.times
		}
	}
	return 1
}
