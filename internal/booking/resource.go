package booking

// Resource is something that can be taken: a person, room, table, boat, class.
type Resource struct {
	Venue VenueID
	ID    ResourceID
	Name  string
	// Capacity is how many units can be taken at the same instant, 1 or more.
	Capacity int
	// Order is the resource's place in lists: the lowest first, and by id where it is the same.
	Order    int
	Schedule Schedule
	// Revision is the last one that changed the resource's own settings.
	Revision Revision
	// Archived resources are kept for the bookings that name them, and take no new ones.
	Archived bool
}

// Validate returns an [Invalid] that names every field that is wrong.
func (r Resource) Validate() error {
	var c checker
	c.id("venue", string(r.Venue))
	c.id("id", string(r.ID))
	c.text("name", r.Name, 1, MaxNameLength, false)
	c.require(r.Capacity >= 1 && r.Capacity <= MaxCapacity, "capacity", "must be 1 to %d", MaxCapacity)
	c.order(r.Order)
	r.Schedule.check(&c)
	return c.err()
}
