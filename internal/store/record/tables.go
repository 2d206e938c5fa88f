package record

import (
	"crypto/sha256"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// The tables that all stores have, with their columns in one place. A new column is a line here, with a default in a migration of each
// store. Bookings' own claims are rows of [Claims].

// Bookings has a row for each booking.
var Bookings = Table[booking.Booking]{"bookings", 2, []Column[booking.Booking]{
	text("venue", func(b *booking.Booking) *booking.VenueID { return &b.Venue }),
	text("id", func(b *booking.Booking) *booking.BookingID { return &b.ID }),
	fixed(text("service", func(b *booking.Booking) *booking.ServiceID { return &b.Service })),
	text("status", func(b *booking.Booking) *booking.Status { return &b.Status }),
	instant("start", func(b *booking.Booking) *time.Time { return &b.Start }),
	instant(`"end"`, func(b *booking.Booking) *time.Time { return &b.End }),
	text("wall_start", func(b *booking.Booking) *string { return &b.WallStart }),
	integer("party_size", func(b *booking.Booking) *int { return &b.PartySize }),
	instantOrNull("expires_at", func(b *booking.Booking) *time.Time { return &b.ExpiresAt }),
	integer("extensions", func(b *booking.Booking) *int { return &b.Extensions }),
	text("customer_name", func(b *booking.Booking) *string { return &b.Customer.Name }),
	text("customer_email", func(b *booking.Booking) *string { return &b.Customer.Email }),
	text("customer_phone", func(b *booking.Booking) *string { return &b.Customer.Phone }),
	text("customer_note", func(b *booking.Booking) *string { return &b.Customer.Note }),
	digest("token_hash", func(b *booking.Booking) *[sha256.Size]byte { return &b.TokenHash }),
	fixed(instant("created_at", func(b *booking.Booking) *time.Time { return &b.CreatedAt })),
	instant("updated_at", func(b *booking.Booking) *time.Time { return &b.UpdatedAt }),
	integer("revision", func(b *booking.Booking) *booking.Revision { return &b.Revision }),
	flag("cancelled_hold", func(b *booking.Booking) *bool { return &b.CancelledHold }),
	text("ended_by", func(b *booking.Booking) *booking.Side { return &b.EndedBy }),
	text("client_tag", func(b *booking.Booking) *string { return &b.ClientTag }),
	text("contact_tag", func(b *booking.Booking) *string { return &b.ContactTag }),
}}

// ClaimRow is a claim of a booking.
type ClaimRow struct {
	Venue   booking.VenueID
	Booking booking.BookingID
	Place   int // in the booking's list of claims
	booking.Claim
	Active bool // it takes room
}

// Claims has a row for each claim of each booking.
var Claims = Table[ClaimRow]{"claims", 3, []Column[ClaimRow]{
	text("venue", func(r *ClaimRow) *booking.VenueID { return &r.Venue }),
	text("booking", func(r *ClaimRow) *booking.BookingID { return &r.Booking }),
	integer("place", func(r *ClaimRow) *int { return &r.Place }),
	text("resource", func(r *ClaimRow) *booking.ResourceID { return &r.Resource }),
	instant("start", func(r *ClaimRow) *time.Time { return &r.Start }),
	instant(`"end"`, func(r *ClaimRow) *time.Time { return &r.End }),
	integer("units", func(r *ClaimRow) *int { return &r.Units }),
	flag("active", func(r *ClaimRow) *bool { return &r.Active }),
}}

// ClaimRows are the rows of a booking's claims.
func ClaimRows(b *booking.Booking) []ClaimRow {
	rows := make([]ClaimRow, len(b.Claims))
	for i, c := range b.Claims {
		rows[i] = ClaimRow{Venue: b.Venue, Booking: b.ID, Place: i, Claim: c, Active: b.Status.Claims()}
	}
	return rows
}

// ChangeRow is a change, with its entries as JSON.
type ChangeRow struct {
	booking.Change
	JSON string
}

// Changes has a row for each change.
var Changes = Table[ChangeRow]{"changes", 2, []Column[ChangeRow]{
	text("venue", func(r *ChangeRow) *booking.VenueID { return &r.Venue }),
	integer("revision", func(r *ChangeRow) *booking.Revision { return &r.Revision }),
	text("batch", func(r *ChangeRow) *string { return &r.Batch }),
	instant("committed_at", func(r *ChangeRow) *time.Time { return &r.CommittedAt }),
	text("entries", func(r *ChangeRow) *string { return &r.JSON }),
}}

// Audit has a row for each change that was deleted: who did what, without what each transition claimed.
var Audit = Table[ChangeRow]{"audit", 2, []Column[ChangeRow]{
	text("venue", func(r *ChangeRow) *booking.VenueID { return &r.Venue }),
	integer("revision", func(r *ChangeRow) *booking.Revision { return &r.Revision }),
	instant("committed_at", func(r *ChangeRow) *time.Time { return &r.CommittedAt }),
	text("entries", func(r *ChangeRow) *string { return &r.JSON }),
}}

// Checkpoints has a row for each venue of which changes were deleted.
var Checkpoints = Table[CheckpointRow]{"checkpoints", 1, []Column[CheckpointRow]{
	text("venue", func(r *CheckpointRow) *booking.VenueID { return &r.Venue }),
	integer("revision", func(r *CheckpointRow) *booking.Revision { return &r.Revision }),
	text("state", func(r *CheckpointRow) *string { return &r.JSON }),
}}

// AnswerRow is an answer of a venue.
type AnswerRow struct {
	Venue booking.VenueID
	booking.Answer
}

// Answers has a row for each answer. How one is found is for each store to say.
var Answers = Table[AnswerRow]{"answers", 2, []Column[AnswerRow]{
	text("venue", func(r *AnswerRow) *booking.VenueID { return &r.Venue }),
	digest("key", func(r *AnswerRow) *[sha256.Size]byte { return (*[sha256.Size]byte)(&r.Key) }),
	digest("request", func(r *AnswerRow) *[sha256.Size]byte { return &r.Request }),
	bytes("sealed", func(r *AnswerRow) *[]byte { return &r.Sealed }),
	instant("created_at", func(r *AnswerRow) *time.Time { return &r.CreatedAt }),
	integer("revision", func(r *AnswerRow) *booking.Revision { return &r.Revision }),
}}

// Venues has a row for each venue. Its counter begins with the revision of the venue's first change, and is raised by statements of its
// own.
var Venues = Table[VenueRow]{"venues", 1, []Column[VenueRow]{
	text("id", func(r *VenueRow) *booking.VenueID { return &r.ID }),
	fixed(integer("revision", func(r *VenueRow) *booking.Revision { return &r.Counter })),
	text("name", func(r *VenueRow) *string { return &r.Name }),
	text("time_zone", func(r *VenueRow) *string { return &r.TimeZone }),
	text("contact_email", func(r *VenueRow) *string { return &r.ContactEmail }),
	text("contact_phone", func(r *VenueRow) *string { return &r.ContactPhone }),
	text("allowed_origins", func(r *VenueRow) *string { return &r.JSON }),
	integer("settings_revision", func(r *VenueRow) *booking.Revision { return &r.Revision }),
	flag("archived", func(r *VenueRow) *bool { return &r.Archived }),
}}

// Resources has a row for each resource.
var Resources = Table[ResourceRow]{"resources", 2, []Column[ResourceRow]{
	text("venue", func(r *ResourceRow) *booking.VenueID { return &r.Venue }),
	text("id", func(r *ResourceRow) *booking.ResourceID { return &r.ID }),
	text("name", func(r *ResourceRow) *string { return &r.Name }),
	integer("capacity", func(r *ResourceRow) *int { return &r.Capacity }),
	text("schedule", func(r *ResourceRow) *string { return &r.JSON }),
	integer("revision", func(r *ResourceRow) *booking.Revision { return &r.Revision }),
	flag("archived", func(r *ResourceRow) *bool { return &r.Archived }),
	integer("sort_order", func(r *ResourceRow) *int { return &r.SortOrder }),
}}

// Services has a row for each service. Lengths are whole minutes.
var Services = Table[ServiceRow]{"services", 2, []Column[ServiceRow]{
	text("venue", func(r *ServiceRow) *booking.VenueID { return &r.Venue }),
	text("id", func(r *ServiceRow) *booking.ServiceID { return &r.ID }),
	text("name", func(r *ServiceRow) *string { return &r.Name }),
	text("description", func(r *ServiceRow) *string { return &r.Description }),
	orNull("price_amount", KindText, func(r *ServiceRow) **string { return &r.Amount }),
	orNull("price_currency", KindText, func(r *ServiceRow) **string { return &r.Currency }),
	text("color", func(r *ServiceRow) *string { return &r.Color }),
	integer("duration", func(r *ServiceRow) *int64 { return &r.Duration }),
	integer("step", func(r *ServiceRow) *int64 { return &r.Step }),
	integer("buffer_before", func(r *ServiceRow) *int64 { return &r.BufferBefore }),
	integer("buffer_after", func(r *ServiceRow) *int64 { return &r.BufferAfter }),
	integer("min_notice", func(r *ServiceRow) *int64 { return &r.MinNotice }),
	integer("horizon_days", func(r *ServiceRow) *int { return &r.HorizonDays }),
	integer("party_min", func(r *ServiceRow) *int { return &r.PartyMin }),
	integer("party_max", func(r *ServiceRow) *int { return &r.PartyMax }),
	integer("hold_for", func(r *ServiceRow) *int64 { return &r.HoldFor }),
	orNull("limited_below", KindInt, func(r *ServiceRow) **int { return &r.LimitedBelow }),
	text("requires", func(r *ServiceRow) *string { return &r.JSON }),
	text("limits", func(r *ServiceRow) *string { return &r.LimitsJSON }),
	integer("revision", func(r *ServiceRow) *booking.Revision { return &r.Revision }),
	flag("archived", func(r *ServiceRow) *bool { return &r.Archived }),
	integer("sort_order", func(r *ServiceRow) *int { return &r.SortOrder }),
}}

// CursorRow is a cursor of a bus. The term is that of its epoch, which tells cursors in order.
type CursorRow struct {
	Bus  string
	Term int64
	store.Cursor
}

// NewCursorRow is the row of a cursor.
func NewCursorRow(bus string, c store.Cursor) *CursorRow {
	return &CursorRow{Bus: bus, Term: c.Epoch.Term(), Cursor: c}
}

// Cursors has a row for each venue of which something was sent to a bus.
var Cursors = Table[CursorRow]{"outbox_cursors", 2, []Column[CursorRow]{
	text("bus", func(r *CursorRow) *string { return &r.Bus }),
	text("venue", func(r *CursorRow) *booking.VenueID { return &r.Venue }),
	integer("term", func(r *CursorRow) *int64 { return &r.Term }),
	text("epoch", func(r *CursorRow) *booking.Epoch { return &r.Epoch }),
	integer("revision", func(r *CursorRow) *booking.Revision { return &r.Revision }),
	text("batch", func(r *CursorRow) *string { return &r.Batch }),
	instantOrNull("due_at", func(r *CursorRow) *time.Time { return &r.DueAt }),
	text("opened", func(r *CursorRow) *string { return &r.Opened }),
	integer("checked", func(r *CursorRow) *booking.Revision { return &r.Checked }),
}}

// CursorMayFollow is the condition under which the cursor excluded takes the place of c; see [store.Cursor.MayFollow].
const CursorMayFollow = `(excluded.term > c.term OR excluded.term = c.term
	AND (excluded.epoch <> c.epoch OR excluded.revision >= c.revision))`
