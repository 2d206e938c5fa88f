package client

// Venue is a business at one place.
type Venue struct {
	// ID is the venue's part of each address. A PUT takes it from there.
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	// TimeZone is an IANA name such as "Europe/Berlin".
	TimeZone string `json:"time_zone"`
	// Contact is shown to customers when things go wrong.
	Contact Contact `json:"contact,omitzero"`
	// AllowedOrigins are web origins whose pages may call the API for this venue.
	AllowedOrigins []string `json:"allowed_origins,omitempty"`
	// Revision is the last one that changed the venue's settings; see [IfMatch]. The server counts it.
	Revision uint64 `json:"revision,omitempty"`
}

// Contact is how to reach a person.
type Contact struct {
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// Resource is something that can be taken: a person, room, table, boat, class.
type Resource struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	// Capacity is how many units can be taken at the same time, 1 or more.
	Capacity int `json:"capacity"`
	// Hours are the periods of each day of the week, "mon" to "sun": "09:00-17:00". "22:00-02:00" runs over midnight.
	Hours map[string][]string `json:"hours"`
	// Exceptions replace the hours of single dates.
	Exceptions []Exception `json:"exceptions,omitempty"`
	// Order is its place in lists: the lowest first, and by id where it is the same.
	Order    int    `json:"order,omitempty"`
	Revision uint64 `json:"revision,omitempty"`
	// BookingsOutside are future bookings that lie outside of the hours by an edit; they stand. Only the answer of a PUT names them.
	// MoreBookingsOutside says that there are others besides, or may be.
	BookingsOutside     []string `json:"bookings_outside,omitempty"`
	MoreBookingsOutside bool     `json:"more_bookings_outside,omitempty"`
	// Warnings name services that require it and of which nothing can be booked as things are. Only the answer of a PUT has them.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Warning is why nothing can be booked of a service, though its settings are saved.
type Warning struct {
	Service string `json:"service"`
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Exception replaces the weekly hours of one date: closed, or other hours.
type Exception struct {
	// Date is "2026-12-25".
	Date   string   `json:"date"`
	Closed bool     `json:"closed,omitempty"`
	Hours  []string `json:"hours,omitempty"`
}

// Service is what a customer books.
type Service struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Price is shown, not charged.
	Price *Price `json:"price,omitempty"`
	// Color is "#2d6cdf".
	Color           string `json:"color,omitempty"`
	DurationMinutes int    `json:"duration_minutes"`
	// StepMinutes is the distance of starts on the wall clock, counted from each opening. Zero stands for the duration, and a day at most.
	StepMinutes         int `json:"step_minutes,omitempty"`
	BufferBeforeMinutes int `json:"buffer_before_minutes,omitempty"`
	BufferAfterMinutes  int `json:"buffer_after_minutes,omitempty"`
	MinNoticeMinutes    int `json:"min_notice_minutes,omitempty"`
	// HorizonDays is how many days after today can be booked. Zero leaves it to the server, and so for the next two.
	HorizonDays int       `json:"horizon_days,omitempty"`
	PartySize   PartySize `json:"party_size,omitzero"`
	// HoldMinutes is how long a hold lives.
	HoldMinutes int `json:"hold_minutes,omitempty"`
	// LimitedBelow makes a slot limited when less than that remains; otherwise less than half, and the last one of several, do.
	LimitedBelow *int `json:"limited_below,omitempty"`
	// Requires is what each booking takes.
	Requires []Requirement `json:"requires"`
	// Limits bound what one client or contact takes; what is zero has the server's default.
	Limits Limits `json:"limits,omitzero"`
	// Order is its place in lists: the lowest first, and by id where it is the same.
	Order    int    `json:"order,omitempty"`
	Revision uint64 `json:"revision,omitempty"`
	// Warnings say why nothing can be booked as things are. Only the answer of a PUT has them.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Limits bound how many live places of a venue one client or contact may have by bookings of a service.
type Limits struct {
	// HoldsPerClient and BookingsPerClient count while half of the service's day, or more, is gone.
	HoldsPerClient    int `json:"holds_per_client,omitempty"`
	BookingsPerClient int `json:"bookings_per_client,omitempty"`
	// BookingsPerContact counts at any time.
	BookingsPerContact int `json:"bookings_per_contact,omitempty"`
}

// Price is an amount as a decimal text, "25.00", and the ISO 4217 code of its currency.
type Price struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// PartySize bounds how many people one booking is for.
type PartySize struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// Requirement is one resource, or any one of a pool, and what a booking takes of it.
type Requirement struct {
	// Resource or AnyOf is set.
	Resource string   `json:"resource,omitempty"`
	AnyOf    []string `json:"any_of,omitempty"`
	// Units that a booking takes or, if PerPerson, each person of it.
	Units     int  `json:"units,omitempty"`
	PerPerson bool `json:"per_person,omitempty"`
}
