package booking

// ProbeVenue is the venue that the server's own probe books at, to know whether a booking succeeds from end to end.
//
// It is hidden: in no list, count, event, metric of customers' or limit, and what it leaves in the database goes within minutes. That
// holds by its form. Its id is not one that [ValidID] lets through, so no address of the API or the pages reaches it; and it is archived,
// so that every other part of the server, and every older version, passes it over. The probe alone may book there all the same.
const ProbeVenue VenueID = "_probe"

// Hidden tells whether the venue is the server's own. Whoever counts or announces what happens in venues leaves it out.
func (id VenueID) Hidden() bool { return id == ProbeVenue }

// Closed tells whether nothing can be booked at the venue any more.
func (v Venue) Closed() bool { return v.Archived && !v.ID.Hidden() }
