package availability

import (
	"slices"
	"time"

	"vacancy/internal/booking"
)

// Ledgers answers how much of each resource is taken.
type Ledgers interface {
	// Taken is the most units of the resource that are taken at any instant of [start, end). Nothing is taken of a resource that it
	// does not know.
	Taken(resource booking.ResourceID, start, end time.Time) int
}

// Query is what is asked about, with everything that decides the answer. All but Resource must be set.
type Query struct {
	// Zone is the venue's.
	Zone *time.Location
	// Service is one that passes its Validate.
	Service booking.Service
	// Resources are those that the service requires; it may hold others as well.
	Resources map[booking.ResourceID]booking.Resource
	Ledgers   Ledgers
	Now       time.Time
	// Resource is the member of the pool that the customer chose, or "" for any.
	Resource booking.ResourceID
}

// Validate returns a [booking.Invalid] if the service does not take parties of that size, or does not offer the chosen resource.
func (q Query) Validate(party int) error {
	var fields []booking.FieldError
	if size := q.Service.PartySize; party < size.Min || party > size.Max {
		fields = append(fields, booking.NewInvalid("party_size", "must be %d to %d for this service", size.Min, size.Max).Fields...)
	}
	if q.Resource != "" && !slices.Contains(q.members(), q.Resource) {
		fields = append(fields, booking.NewInvalid("resource", "is not one that this service can be booked with").Fields...)
	}
	if fields != nil {
		return &booking.Invalid{Fields: fields}
	}
	return nil
}

// requirement is the only one that a service has; see [booking.MaxRequirements].
func (q Query) requirement() booking.Requirement {
	if len(q.Service.Requires) == 0 {
		return booking.Requirement{}
	}
	return q.Service.Requires[0]
}

// members are those of the pool that can be booked, in its order, whatever the customer chose.
func (q Query) members() []booking.ResourceID {
	pool := q.requirement().AnyOf
	ids := make([]booking.ResourceID, 0, len(pool))
	for _, id := range pool {
		if r, known := q.Resources[id]; known && !r.Archived {
			ids = append(ids, id)
		}
	}
	return ids
}
