package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// errSlowStore: the store did not say in time whether a token is a management key.
var errSlowStore = fmt.Errorf("%w: the management keys could not be read within %s", booking.ErrUnavailable, keyTimeout)

// Auth knows the management keys. Its methods may be called from any goroutine.
type Auth struct {
	keys store.Keys
}

// New is an Auth that keeps its keys in the store.
func New(keys store.Keys) *Auth { return &Auth{keys: keys} }

// Actor is who makes the request: nobody known without an Authorization header, staff with a management key, and with any other
// bearer token whoever that token turns out to belong to. [booking.ErrUnauthenticated] if the header is no bearer token, so that a
// mistyped header is not taken for a call without one; [booking.ErrUnavailable] if the store cannot say.
func (a *Auth) Actor(ctx context.Context, r *http.Request) (booking.Actor, error) {
	if len(r.Header["Authorization"]) == 0 {
		return booking.Actor{Kind: booking.Public}, nil
	}
	token, ok := bearerToken(r)
	if !ok {
		return booking.Actor{}, booking.ErrUnauthenticated
	}
	return a.Bearer(ctx, token)
}

// TokenHash is the hash of the request's bearer token, for whoever needs to recognise a token without asking the store. Not ok if the
// request has none, or something that cannot be one: [Auth.Actor] does not ask the store for it either.
func (*Auth) TokenHash(r *http.Request) (hash [sha256.Size]byte, ok bool) {
	token, ok := bearerToken(r)
	if !ok || !wellFormed(token) {
		return hash, false
	}
	return booking.HashToken(token), true
}

// bearerToken is what the one Authorization header of a request carries, if it is of the bearer scheme.
func bearerToken(r *http.Request) (token string, ok bool) {
	headers := r.Header["Authorization"]
	if len(headers) != 1 {
		return "", false
	}
	return cutScheme(headers[0])
}

// Bearer is who holds the token: see [Auth.Actor], of which it is the part that does not need a request.
// [booking.ErrUnauthenticated] if it cannot be a token.
func (a *Auth) Bearer(ctx context.Context, token string) (booking.Actor, error) {
	if !wellFormed(token) {
		return booking.Actor{}, booking.ErrUnauthenticated
	}
	hash := booking.HashToken(token)
	asking, cancel := context.WithTimeout(ctx, keyTimeout)
	defer cancel()
	key, err := a.keys.Key(asking, hash)
	switch {
	case err != nil && asking.Err() != nil && ctx.Err() == nil:
		return booking.Actor{}, errSlowStore
	case err == nil && subtle.ConstantTimeCompare(key.Hash[:], hash[:]) == 1:
		return booking.Actor{Kind: booking.Staff, Key: key.Name, TokenHash: hash}, nil
	case err == nil || errors.Is(err, booking.ErrNotFound):
		return booking.Actor{Kind: booking.TokenHolder, TokenHash: hash}, nil
	}
	return booking.Actor{}, fmt.Errorf("look for a management key: %w", err)
}

// cutScheme is the credentials of an Authorization header of the bearer scheme, which may be written in any case.
func cutScheme(header string) (token string, ok bool) {
	const scheme = "bearer "
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", false
	}
	return strings.TrimLeft(header[len(scheme):], " "), true
}

// wellFormed tells whether s has the characters that RFC 6750 allows a token, and not too many of them.
func wellFormed(s string) bool {
	if s == "" || len(s) > maxTokenLength {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letterOrDigit := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letterOrDigit && strings.IndexByte("-._~+/=", c) < 0 {
			return false
		}
	}
	return true
}
