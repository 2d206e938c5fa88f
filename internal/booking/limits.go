package booking

import "time"

// Bounds of the domain's values, each with its unit and reason. The HTTP API's document repeats those of fields.
const (
	// MaxNameLength, MaxTextLength, MaxEmailLength and MaxPhoneLength are in characters. An address has 254 at most (RFC 5321,
	// section 4.5.3.1.3, less its brackets); a number 15 digits (E.164), an extension and what people write between them.
	MaxNameLength  = 200
	MaxTextLength  = 2000
	MaxEmailLength = 254
	MaxPhoneLength = 40
	// maxLocalPart and maxLabel are in characters, and bound what stands before the @ of an address (RFC 5321, section 4.5.3.1.1) and
	// each part of its domain (RFC 1035, section 2.3.4). In other scripts than Latin both are shorter still, by their encoding.
	maxLocalPart = 64
	maxLabel     = 63
	// maxMarksOnLetter is how many accents and vowel signs one letter may carry. No script needs a dozen; more cover the lines around.
	maxMarksOnLetter = 12

	// MaxOrigins bounds a venue's allowed origins.
	MaxOrigins = 20

	// MaxCapacity bounds a resource's capacity in units, so that sums of units cannot overflow.
	MaxCapacity = 1_000_000
	// MaxPeriodsPerDay and MaxExceptions bound a resource's schedule.
	MaxPeriodsPerDay = 24
	MaxExceptions    = 1000

	// MaxOrder bounds the place of a resource or a service in lists. It is far more than there are, so that there is room between.
	MaxOrder = 1_000_000

	// MaxRequirements is how many requirements a service may have. Availability decides over one; it is raised where it decides
	// over more.
	MaxRequirements = 1
	// MaxPool is how many resources one requirement may name.
	MaxPool        = 100
	MaxDuration    = 14 * 24 * time.Hour
	MaxBuffer      = 24 * time.Hour
	MaxNotice      = 365 * 24 * time.Hour
	MaxHorizonDays = 730
	MaxHold        = 24 * time.Hour
	MaxPartySize   = 10_000
	// MaxLimit bounds what a service may set its [Limits] to.
	MaxLimit = 1_000_000

	// MaxExtensions is how often one hold may be extended, so that nobody occupies a slot for ever without confirming.
	MaxExtensions = 3
	// MaxTotalHold is how long a hold lives at most, extensions included, unless the service's own holds are longer. It bounds those whom
	// limits count: not staff, nor anybody with limits off.
	MaxTotalHold = 30 * time.Minute
	// MaxInUse bounds the bookings that an [InUse] lists.
	MaxInUse = 20

	// AnswerLifetime is the retention of idempotency answers: how long one is kept for repeats. A day has the retries of every client
	// that still waits, and those of somebody who comes back the next morning.
	AnswerLifetime = 24 * time.Hour
	// ClientTagTTL is how long a confirmed booking is counted for the client that made it. Then its tag is erased. A day has whoever
	// takes all places at once; longer than that nobody's address need be known.
	ClientTagTTL = 24 * time.Hour

	// Zones are compared over this time around now: any booking that there can be lies in it (MaxHorizonDays ahead), and rules that are
	// the same for that long are the same rules.
	zoneRulesBefore = 2 * 365 * 24 * time.Hour
	zoneRulesAfter  = 10 * 365 * 24 * time.Hour
)

// Defaults of what a service's definition may leave out.
const (
	DefaultHorizonDays = 90
	DefaultHold        = 10 * time.Minute

	// DefaultHoldsPerClient: a family tries a few times at once; who has ten holds is no customer any more.
	DefaultHoldsPerClient = 10
	// DefaultBookingsPerClient, in places: a class of thirty behind one address books, and some of it twice.
	DefaultBookingsPerClient = 60
	// DefaultBookingsPerContact: a regular guest books every week for some months.
	DefaultBookingsPerContact = 20
)
