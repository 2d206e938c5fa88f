package desk

import (
	"crypto/rand"
	"encoding/base64"
)

// newToken makes a manage token: 160 random bits.
func newToken() string {
	var raw [20]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(raw[:])
}
