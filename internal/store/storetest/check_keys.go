package storetest

import (
	"crypto/sha256"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var keyChecks = []Check{
	{"keys/found by hash", keyFound},
	{"keys/replaced by name", keyReplaced},
}

func sampleKey(name, secret string) store.Key {
	return store.Key{Name: name, Hash: sha256.Sum256([]byte(secret)), CreatedAt: Morning}
}

func keyFound(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	has, err := f.Store.HasKeys(t.Context())
	must(t, "has keys", err)
	same(t, "has keys, before any", has, false)
	one, two := sampleKey("admin", "one"), sampleKey("Zoë's \"phone\"", "two")
	two.CreatedAt = Morning.In(time.FixedZone("", 3600)).Add(999)
	for _, key := range []store.Key{one, two} {
		must(t, "put key", f.Store.PutKey(t.Context(), key))
	}
	two.CreatedAt = Morning
	for _, want := range []store.Key{one, two} {
		got, err := f.Store.Key(t.Context(), want.Hash)
		must(t, "key", err)
		same(t, "key", got, want)
	}
	has, err = f.Store.HasKeys(t.Context())
	must(t, "has keys", err)
	same(t, "has keys", has, true)
	_, err = f.Store.Key(t.Context(), sha256.Sum256([]byte("three")))
	fails(t, "a key that nobody has", err, booking.ErrNotFound)
}

func keyReplaced(t testing.TB, h Harness) {
	f := NewFixture(t, h)
	older, newer := sampleKey("admin", "old"), sampleKey("admin", "new")
	newer.CreatedAt = Morning.Add(time.Hour)
	for _, key := range []store.Key{older, newer, newer} {
		must(t, "put key", f.Store.PutKey(t.Context(), key))
	}
	_, err := f.Store.Key(t.Context(), older.Hash)
	fails(t, "a key that was replaced", err, booking.ErrNotFound)
	got, err := f.Store.Key(t.Context(), newer.Hash)
	must(t, "key", err)
	same(t, "key", got, newer)
	err = f.Store.PutKey(t.Context(), sampleKey("somebody else", "new"))
	fails(t, "one key of two names", err, store.ErrRejected)
}
