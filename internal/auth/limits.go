package auth

import "time"

// keyTimeout is how long a management key is looked for. The look-up takes a millisecond; a database that takes longer than this is
// ill, and the caller is told that it is unavailable.
const keyTimeout = 2 * time.Second

const (
	// maxTokenLength bounds what is taken for a token, in bytes. Ours have 27 or 30; an operator's own may be longer.
	maxTokenLength = 512
	// minAdminKeyLength keeps operators from choosing a key that can be guessed, in bytes.
	minAdminKeyLength = 16
)
