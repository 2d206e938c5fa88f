package pages

import "time"

const (
	// maxDescription is the longest description of a page, in bytes: about what search engines show.
	maxDescription = 160
	// maxListedVenues is how many venues the home page lists for visitors without JavaScript: about 15 KB of links.
	maxListedVenues = 200
	// listTimeout is how long the home page waits for that list before it is served without.
	listTimeout = time.Second
	// retryAfter is after how many seconds to come back to a server that cannot read its database: as the API says.
	retryAfter = 2
)
