package auth

const (
	// maxTokenLength bounds what is taken for a token, in bytes. Ours have 27 or 30; an operator's own may be longer.
	maxTokenLength = 512
	// minAdminKeyLength keeps operators from choosing a key that can be guessed, in bytes.
	minAdminKeyLength = 16
)
