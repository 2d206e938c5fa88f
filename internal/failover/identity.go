package failover

import (
	"slices"
	"strconv"
	"strings"
)

// Identity is what a database says it is, in its one row.
type Identity struct {
	// Installation is the same for all databases that hold, or held, the bookings of one installation. A copy that goes its own way has
	// another.
	Installation string
	// Term counts how often the database in charge has become another. Within one history it only grows.
	Term int64
	// ID is random and of this term alone. IDs are those of all terms in order; the last is ID.
	ID  string
	IDs []string
	// Place is where the term began.
	Place Place
	// ClosedBy says who has closed the database, and why; empty: it is open. Nobody writes to a closed one.
	ClosedBy string
	// Decided is the last term that a person has allowed, 0 if none.
	Decided int64
}

// Known tells whether the database has an identity.
func (i Identity) Known() bool { return i.ID != "" }

// Epoch is the identity of the term in the form that positions carry: the term, and 65 bits of the id.
func (i Identity) Epoch() string {
	return strconv.FormatInt(i.Term, 36) + "-" + strings.ToLower(i.ID[:min(13, len(i.ID))])
}

// Place is where a database writes its history: the cluster, its timeline, and the object id of our own table, which is another in a dump
// that was loaded. What a server does not show is empty, and told apart from nothing.
type Place struct {
	System, Timeline, Table string
}

// Relation is what a database is to another.
type Relation int

const (
	// Same: both are in the same term.
	Same Relation = iota
	// Later: the history went on there.
	Later
	// Earlier: it is a database that was left.
	Earlier
	// Forked: both went on from a common term, and neither is right by itself.
	Forked
	// Foreign: it belongs to another installation.
	Foreign
)

// Compare says what other is to i. Where the two have forked, the one is left about which a person has decided since: for the other.
func (i Identity) Compare(other Identity) Relation {
	switch {
	case i.Installation != other.Installation:
		return Foreign
	case i.ID == other.ID:
		return Same
	case begins(i.IDs, other.IDs):
		return Later
	case begins(other.IDs, i.IDs):
		return Earlier
	case other.Decided > i.Term:
		return Later
	case i.Decided > other.Term:
		return Earlier
	}
	return Forked
}

// begins tells whether a list is the beginning of a longer one.
func begins(first, longer []string) bool {
	return len(first) < len(longer) && slices.Equal(first, longer[:len(first)])
}

// placement is what a server is to the place where its database's term began.
type placement int

const (
	// home: the term began here.
	home placement = iota
	// promoted: it is the same cluster on a later timeline. A standby was promoted, or the cluster recovered to a point in time.
	promoted
	// elsewhere: another cluster, another table, or an earlier timeline: a copy, an upgrade by pg_upgrade, or a dump that was loaded.
	elsewhere
)

// at compares the place of the identity with that of the server which holds it.
func (i Identity) at(p Place) placement {
	switch {
	case differ(i.Place.System, p.System), differ(i.Place.Table, p.Table):
		return elsewhere
	case !differ(i.Place.Timeline, p.Timeline):
		return home
	case p.Timeline > i.Place.Timeline: // eight hexadecimal digits
		return promoted
	}
	return elsewhere
}

func differ(a, b string) bool { return a != "" && b != "" && a != b }

// Home tells whether the server at a place is the one on which the term began.
func (i Identity) Home(p Place) bool { return i.at(p) == home }
