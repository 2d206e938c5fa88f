package live

import (
	"sync"

	"vacancy/internal/booking"
	"vacancy/internal/view"
)

// maxUnread bounds the entries of changes that wait in an inbox. Nobody may be looking at the venue for days.
const maxUnread = 4096

// inbox is what the view told of a venue, until the venue takes it in. Telling is quick, whatever the venue is doing.
type inbox struct {
	mu   sync.Mutex
	news news
}

// news is what an inbox holds.
type news struct {
	// picture is the newest that is known. It stays when the rest is taken.
	picture *view.Picture
	// changes led there, in order; but they are not all if some were lost.
	changes []booking.Change
	entries int
	lost    bool
	// turned: the venue's history is another than before, or may be, and what was known of it is worth nothing.
	turned bool
}

// tell takes a picture in, and the change that led to it if it is known.
func (i *inbox) tell(p *view.Picture, c *booking.Change) {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := &i.news
	if last := n.picture; last != nil && !p.Follows(last) {
		*n = news{turned: true, lost: true}
	}
	n.picture = p
	switch {
	case c == nil:
		n.lost = true
	case n.entries+len(c.Entries) > maxUnread:
		n.changes, n.entries, n.lost = nil, 0, true
	default:
		n.changes, n.entries = append(n.changes, *c), n.entries+len(c.Entries)
	}
}

// take empties the inbox. A picture that somebody saw before the view told of it is taken as well, unless it is older; nil is none.
// One of the same revision is another only in that the view has forgotten what is long past.
func (i *inbox) take(seen *view.Picture) news {
	i.mu.Lock()
	defer i.mu.Unlock()
	if last := i.news.picture; seen != nil && (last == nil || seen.Follows(last)) {
		i.news.picture = seen
	}
	taken := i.news
	i.news = news{picture: taken.picture}
	return taken
}
