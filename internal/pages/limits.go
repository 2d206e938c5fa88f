package pages

const (
	// maxDescription is the longest description of a page, in bytes: about what search engines show.
	maxDescription = 160
	// retryAfter is after how many seconds to come back to a server that cannot read its database: as the API says.
	retryAfter = 2
)
