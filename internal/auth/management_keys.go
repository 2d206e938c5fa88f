package auth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

const (
	// adminName names the first key.
	adminName = "admin"
	// keyPrefix lets people, and programs that look for leaked secrets, tell a management key from other tokens.
	keyPrefix = "vk_"
)

// ErrWeakAdminKey: the operator's choice of an admin key cannot be used.
var ErrWeakAdminKey = fmt.Errorf(
	"the admin key must have %d to %d letters, digits and the signs -._~+/=", minAdminKeyLength, maxTokenLength,
)

// EnsureAdmin makes sure that there is a key to manage with. The operator's choice, if given, becomes the key named "admin" in place
// of what that was before; [ErrWeakAdminKey] if it is not fit for one. Without a choice, and without any key in the store, a new
// key is made and returned, to be shown this once: only its hash is stored.
func (a *Auth) EnsureAdmin(ctx context.Context, chosen string) (shown string, err error) {
	if chosen != "" {
		if len(chosen) < minAdminKeyLength || !wellFormed(chosen) {
			return "", ErrWeakAdminKey
		}
		return "", a.storeKey(ctx, adminName, chosen)
	}
	has, err := a.HasKeys(ctx)
	if err != nil || has {
		return "", err
	}
	return a.Issue(ctx, adminName)
}

// HasKeys tells whether there is any key to manage with.
func (a *Auth) HasKeys(ctx context.Context) (bool, error) {
	has, err := a.keys.HasKeys(ctx)
	if err != nil {
		return false, fmt.Errorf("look for management keys: %w", err)
	}
	return has, nil
}

// Issue makes a management key of that name, in place of an older one, and returns it. Only its hash is stored, so this is the only
// chance to see it.
func (a *Auth) Issue(ctx context.Context, name string) (string, error) {
	made := newKey()
	if err := a.storeKey(ctx, name, made); err != nil {
		return "", err
	}
	return made, nil
}

// storeKey stores a key, unless it is stored already: most starts change nothing, and write nothing.
func (a *Auth) storeKey(ctx context.Context, name, key string) error {
	hash := booking.HashToken(key)
	stored, err := a.keys.Key(ctx, hash)
	if err == nil && stored.Name == name {
		return nil
	}
	if err != nil && !errors.Is(err, booking.ErrNotFound) {
		return fmt.Errorf("look for the key of %s: %w", name, err)
	}
	if err := a.keys.PutKey(ctx, store.Key{Name: name, Hash: hash, CreatedAt: time.Now().UTC()}); err != nil {
		return fmt.Errorf("store the key of %s: %w", name, err)
	}
	return nil
}

// newKey makes a management key: 160 random bits.
func newKey() string {
	var raw [20]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	return keyPrefix + base64.RawURLEncoding.EncodeToString(raw[:])
}
