package storetest

import (
	"crypto/sha256"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var keyChecks = []check{
	{"keys/found by hash", keyFound},
	{"keys/replaced by name", keyReplaced},
}

func sampleKey(name, secret string) store.Key {
	return store.Key{Name: name, Hash: sha256.Sum256([]byte(secret)), CreatedAt: Morning}
}

func keyFound(f *Fixture) {
	has, err := f.Store.HasKeys(f.Context())
	f.must("has keys", err)
	f.same("has keys, before any", has, false)
	one, two := sampleKey("admin", "one"), sampleKey("Zoë's \"phone\"", "two")
	two.CreatedAt = Morning.In(time.FixedZone("", 3600)).Add(999)
	for _, key := range []store.Key{one, two} {
		f.must("put key", f.Store.PutKey(f.Context(), key))
	}
	two.CreatedAt = Morning
	for _, want := range []store.Key{one, two} {
		got, err := f.Store.Key(f.Context(), want.Hash)
		f.must("key", err)
		f.same("key", got, want)
	}
	has, err = f.Store.HasKeys(f.Context())
	f.must("has keys", err)
	f.same("has keys", has, true)
	_, err = f.Store.Key(f.Context(), sha256.Sum256([]byte("three")))
	f.fails("a key that nobody has", err, booking.ErrNotFound)
}

func keyReplaced(f *Fixture) {
	older, newer := sampleKey("admin", "old"), sampleKey("admin", "new")
	newer.CreatedAt = Morning.Add(time.Hour)
	for _, key := range []store.Key{older, newer, newer} {
		f.must("put key", f.Store.PutKey(f.Context(), key))
	}
	_, err := f.Store.Key(f.Context(), older.Hash)
	f.fails("a key that was replaced", err, booking.ErrNotFound)
	got, err := f.Store.Key(f.Context(), newer.Hash)
	f.must("key", err)
	f.same("key", got, newer)
	err = f.Store.PutKey(f.Context(), sampleKey("somebody else", "new"))
	f.fails("one key of two names", err, store.ErrRejected)
}
