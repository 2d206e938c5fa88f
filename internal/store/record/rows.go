package record

import (
	"encoding/json"
	"fmt"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// VenueRow is a venue's settings as a row, with its list of origins as JSON.
type VenueRow struct {
	ID      booking.VenueID
	Counter booking.Revision // of the venue's changes
	Venue
	JSON string
}

// NewVenueRow is the row of a venue that has just been put in a change of a venue.
func NewVenueRow(in booking.VenueID, v booking.Venue) (*VenueRow, error) {
	if v.ID != in {
		return nil, store.Rejected("the settings of venue %s in a change of %s", v.ID, in)
	}
	row := &VenueRow{ID: v.ID, Counter: 1, Venue: *OfVenue(v)}
	return row, encode(v.AllowedOrigins, &row.JSON)
}

// Settings are those of the row.
func (r *VenueRow) Settings() (booking.Venue, error) {
	if err := json.Unmarshal([]byte(r.JSON), &r.AllowedOrigins); err != nil {
		return booking.Venue{}, store.Damaged(err, "allowed origins of venue %s", r.ID)
	}
	return *r.Venue.Settings(r.ID), nil
}

// ResourceRow is a resource's settings as a row, with its schedule as JSON.
type ResourceRow struct {
	Venue booking.VenueID
	Resource
	SortOrder int
	JSON      string
}

// NewResourceRow is the row of a resource that is put in a change of a venue.
func NewResourceRow(in booking.VenueID, r booking.Resource) (*ResourceRow, error) {
	if r.Venue != in {
		return nil, store.Rejected("resource %s of venue %s in a change of %s", r.ID, r.Venue, in)
	}
	row := &ResourceRow{Venue: in, Resource: *OfResource(r), SortOrder: r.Order}
	return row, encode(r.Schedule, &row.JSON)
}

// Settings are those of the row.
func (r *ResourceRow) Settings() (booking.Resource, error) {
	if err := json.Unmarshal([]byte(r.JSON), &r.Schedule); err != nil {
		return booking.Resource{}, store.Damaged(err, "schedule of resource %s of venue %s", r.ID, r.Venue)
	}
	r.Order = &r.SortOrder
	return *r.Resource.Settings(r.Venue), nil
}

// ServiceRow is a service's settings as a row, with what it requires as JSON.
type ServiceRow struct {
	Venue booking.VenueID
	Service
	// Amount and Currency are the price's; nil: none is shown.
	Amount, Currency *string
	SortOrder        int
	JSON, LimitsJSON string
}

// NewServiceRow is the row of a service that is put in a change of a venue.
func NewServiceRow(in booking.VenueID, s booking.Service) (*ServiceRow, error) {
	if s.Venue != in {
		return nil, store.Rejected("service %s of venue %s in a change of %s", s.ID, s.Venue, in)
	}
	row := &ServiceRow{Venue: in, Service: *OfService(s), SortOrder: s.Order}
	if s.Price != nil {
		row.Amount, row.Currency = &row.PriceAmount, &row.PriceCurrency
	}
	if err := encode(row.Limits, &row.LimitsJSON); err != nil {
		return nil, err
	}
	return row, encode(row.Requires, &row.JSON)
}

// Settings are those of the row.
func (r *ServiceRow) Settings() (booking.Service, error) {
	if err := json.Unmarshal([]byte(r.JSON), &r.Requires); err != nil {
		return booking.Service{}, store.Damaged(err, "requirements of service %s of venue %s", r.ID, r.Venue)
	}
	if err := json.Unmarshal([]byte(r.LimitsJSON), &r.Limits); err != nil {
		return booking.Service{}, store.Damaged(err, "limits of service %s of venue %s", r.ID, r.Venue)
	}
	if r.Amount != nil {
		r.PriceAmount = *r.Amount
	}
	if r.Currency != nil {
		r.PriceCurrency = *r.Currency
	}
	r.Order = &r.SortOrder
	return *r.Service.Settings(r.Venue), nil
}

func encode(v any, text *string) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode as JSON: %w", err)
	}
	*text = string(data)
	return nil
}

// NewChangeRow is the row of a change.
func NewChangeRow(c booking.Change) (*ChangeRow, error) {
	entries, err := EncodeEntries(c.Entries)
	if err != nil {
		return nil, fmt.Errorf("encode its entries: %w", err)
	}
	return &ChangeRow{Change: c, JSON: string(entries)}, nil
}

// Decoded is the change of a row that was read.
func (r *ChangeRow) Decoded() (booking.Change, error) {
	var err error
	if r.Entries, err = DecodeEntries([]byte(r.JSON), r.Venue); err != nil {
		return booking.Change{}, store.Damaged(err, "change %d", r.Revision)
	}
	return r.Change, nil
}

// DurableReader reads changes up to the first that cannot be decoded.
type DurableReader struct {
	*store.Durable
	// Failure is why one could not be decoded.
	Failure error
}

// Add adds the change of a row, unless one before it could not be decoded. It never fails.
func (d *DurableReader) Add(r *ChangeRow) error {
	if d.Failure != nil {
		return nil //nolint:nilerr // the rows are read to their end
	}
	var change booking.Change
	if change, d.Failure = r.Decoded(); d.Failure != nil {
		d.Damaged = r.Revision
	} else {
		d.Changes = append(d.Changes, change)
	}
	return nil
}
