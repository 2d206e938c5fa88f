package limit

import (
	"maps"
	"testing"
	"time"
)

// The operator sees how many clients there are, who is over which limit, and where no limits hold.
func TestStats(t *testing.T) {
	t.Parallel()
	f := newFixture("10.9.0.0/16")
	stats := f.Stats()
	equal(t, "entries of an idle node", stats.Entries, 0)
	equal(t, "limits", len(stats.OverLimit), int(rates)+int(counts))

	f.allowed(at("203.0.113.7"), Bookings, 1)
	f.allowed(at("203.0.113.8"), Bookings, addressQuotas[Bookings].Burst)
	f.allowed(keyOf("import"), Bookings, addressQuotas[Bookings].Burst)
	f.allowed(at("2001:db8::1"), FailedAuthentication, addressQuotas[FailedAuthentication].Burst)
	release, err := f.Acquire(at("203.0.113.9"), LiveConnections, maxConcurrent[LiveConnections])
	if err != nil {
		t.Fatal(err)
	}
	stats = f.Stats()
	equal(t, "entries", stats.Entries, 3+1+3)
	equal(t, "full shards", stats.FullShards, 0)
	over := map[string]int{
		"requests": 0, "bookings": 1, "failed_authentication": 1, "key_lookups": 0,
		"connections": 0, "live_connections": 1, "watched_days": 0,
	}
	if !maps.Equal(stats.OverLimit, over) {
		t.Errorf("over a limit: %v, want %v", stats.OverLimit, over)
	}
	f.clock.Advance(addressQuotas[FailedAuthentication].Every)
	release()
	for limit, n := range f.Stats().OverLimit {
		if n != 0 {
			t.Errorf("%d are over %s after a while", n, limit)
		}
	}
}

// A table that is full of clients that must stay is seen.
func TestStatsOfAFullTable(t *testing.T) {
	t.Parallel()
	f := newFixture()
	for i := range maxClients * 11 / 10 {
		f.allowed(nth(i), FailedAuthentication, addressQuotas[FailedAuthentication].Burst)
	}
	stats := f.Stats()
	equal(t, "full shards", stats.FullShards, shards)
	if stats.Entries < maxClients*99/100 || stats.Entries > stats.MaxEntries {
		t.Errorf("%d entries of %d", stats.Entries, stats.MaxEntries)
	}
}

// Peers without limits are counted by address, for as long as they ask.
func TestStatsOfUnidentifiedPeers(t *testing.T) {
	t.Parallel()
	f := newFixture("10.9.0.0/16")
	for range 5 {
		f.Identify("192.168.1.2:80", nil)
		f.Identify("192.168.1.3:81", nil)
		f.Identify("10.9.0.1:82", nil)
		f.Identify("10.9.0.1:82", []string{"nonsense"})
		f.Identify("10.9.0.1:82", []string{"203.0.113.7"})
		f.Identify("203.0.113.8:83", nil)
	}
	want := map[string]int{reasonUntrustedPeer: 2, reasonUntrustedHop: 0, reasonNoHeader: 1, reasonBadHeader: 1}
	if got := f.Stats().UnidentifiedPeers; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	f.clock.Advance(peerTTL)
	f.Identify("192.168.1.3:81", nil)
	f.clock.Advance(time.Second)
	want = map[string]int{reasonUntrustedPeer: 1, reasonUntrustedHop: 0, reasonNoHeader: 0, reasonBadHeader: 0}
	if got := f.Stats().UnidentifiedPeers; !maps.Equal(got, want) {
		t.Errorf("after a while: got %v, want %v", got, want)
	}
	for i := range 2 * maxPeers {
		f.Identify("10.0."+string(rune('0'+i%10))+"."+string(rune('0'+i/10%10))+":1", nil)
	}
	equal(t, "one hundred more", f.Stats().UnidentifiedPeers[reasonUntrustedPeer], 101)
}
