package verify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vacancy/internal/booking"
)

// damage is one thing wrong with what the barber's history left, and what the report must say of it.
type damage struct {
	name string
	do   func(r *record)
	want string
}

// TestDamageIsReported falsifies one thing after the other. Beside each stands its control: untouched, the same picture is clean.
func TestDamageIsReported(t *testing.T) {
	t.Parallel()
	s := history(t)
	for _, d := range slices.Concat(changeDamage, catalogueDamage, transitionDamage, bookingDamage, claimDamage, answerDamage) {
		p := take(t, s.store)
		clean(t, s.verify(p))
		d.do(p.of("barber"))
		report := s.verify(p)
		if !slices.ContainsFunc(report.Problems, func(problem string) bool { return strings.Contains(problem, d.want) }) {
			t.Errorf("%s: the report does not say %q:\n%s", d.name, d.want, report)
		}
		if strings.Contains(report.String(), "problem: venue club") {
			t.Errorf("%s: another venue is blamed:\n%s", d.name, report)
		}
		for _, personal := range []string{secret.Name, secret.Email, secret.Phone, secret.Note} {
			if strings.Contains(report.String(), personal) {
				t.Errorf("%s: the report tells of a customer:\n%s", d.name, report)
			}
		}
	}
}

func TestStraysAreReported(t *testing.T) {
	t.Parallel()
	s := history(t)
	p := take(t, s.store)
	p.orphans = []orphan{{"z", "bookings"}, {"\x1b[2J", "changes"}}
	want := []string{
		"venue z: the table bookings has rows of it, but there is no such venue",
		`venue "\x1b[2J": the table changes has rows of it, but there is no such venue`,
	}
	if report := s.verify(p); !slices.Equal(report.Problems, want) {
		t.Errorf("got the report\n%s", report)
	}
}

// TestSingleRowsAreCounted: a table of one row that has none, or two, is told of.
func TestSingleRowsAreCounted(t *testing.T) {
	t.Parallel()
	s := history(t)
	for rows, want := range map[int][]string{
		0: {"the table meta has 0 rows, and must have one: it says which history this is"},
		1: {},
		2: {"the table meta has 2 rows, and must have one: it says which history this is"},
	} {
		p := take(t, s.store)
		if len(p.singles) != 1 || p.singles[0] != (single{"meta", 1}) {
			t.Fatalf("the tables of one row are %v", p.singles)
		}
		p.singles[0].rows = rows
		if report := s.verify(p); !slices.Equal(report.Problems, want) {
			t.Errorf("%d rows: got the report\n%s", rows, report)
		}
	}
}

// kind is the first change with an entry of a kind, and that entry.
func (r *record) kind(k booking.EntryKind) (*booking.Change, *booking.Entry) {
	return r.nth(k, 0)
}

func (r *record) nth(k booking.EntryKind, n int) (*booking.Change, *booking.Entry) {
	for i := range r.changes {
		for j := range r.changes[i].Entries {
			if e := &r.changes[i].Entries[j]; e.Kind == k {
				if n == 0 {
					return &r.changes[i], e
				}
				n--
			}
		}
	}
	panic("the history has no such entry")
}

// transition is the first transition of a kind.
func (r *record) transition(k booking.EntryKind) *booking.BookingTransition {
	_, e := r.kind(k)
	return e.Booking
}

// status is the first booking of a status.
func (r *record) status(s booking.Status) *booking.Booking {
	i := slices.IndexFunc(r.bookings, func(b booking.Booking) bool { return b.Status == s })
	return &r.bookings[i]
}

func (r *record) hall() *booking.Resource {
	i := slices.IndexFunc(r.Resources, func(b booking.Resource) bool { return b.ID == "hall" })
	return &r.Resources[i]
}

func (r *record) cut() *booking.Service {
	i := slices.IndexFunc(r.Services, func(s booking.Service) bool { return s.ID == "cut" })
	return &r.Services[i]
}

// reclaim changes the claims of a booking wherever they stand, so that all tables agree.
func (r *record) reclaim(id booking.BookingID, edit func(*booking.Claim)) {
	all := func(claims []booking.Claim) []booking.Claim {
		claims = slices.Clone(claims)
		for i := range claims {
			edit(&claims[i])
		}
		return claims
	}
	for i := range r.changes {
		for _, e := range r.changes[i].Entries {
			if e.Booking != nil && e.Booking.ID == id {
				e.Booking.Claimed, e.Booking.Released = all(e.Booking.Claimed), all(e.Booking.Released)
			}
		}
	}
	for i := range r.bookings {
		if r.bookings[i].ID == id {
			r.bookings[i].Claims = all(r.bookings[i].Claims)
		}
	}
	for i := range r.active {
		if r.active[i].id == id {
			edit(&r.active[i].Claim)
		}
	}
}

// class is the first booking that was made: ten people, long past.
func (r *record) class() *booking.Booking {
	i := slices.IndexFunc(r.bookings, func(b booking.Booking) bool { return b.Start.Equal(slot(0, 4)) })
	return &r.bookings[i]
}

// claim is the one by which the class takes room.
func (r *record) claim() *active {
	i := slices.IndexFunc(r.active, func(a active) bool { return a.id == r.class().ID })
	return &r.active[i]
}

// on is the booking of a cut with that resource at a start.
func (r *record) on(id booking.ResourceID, start time.Time) booking.BookingID {
	i := slices.IndexFunc(r.bookings, func(b booking.Booking) bool {
		return b.Start.Equal(start) && b.Claims[0].Resource == id
	})
	return r.bookings[i].ID
}

var changeDamage = []damage{
	{"a change is missing", func(r *record) { r.changes = slices.Delete(r.changes, 7, 8) }, "change 8 is missing"},
	{"the first changes are missing", func(r *record) { r.changes = r.changes[2:] }, "changes 1 to 2 are missing"},
	{"the last change is missing", func(r *record) { r.changes = r.changes[:len(r.changes)-1] }, "but its changes end with"},
	{"the counter is behind", func(r *record) { r.Revision-- }, "but its changes go on to"},
	{"a change comes again", func(r *record) { r.changes = slices.Insert(r.changes, 5, r.changes[4]) }, "change 5: it comes again"},
	{
		"changes out of order", func(r *record) { r.changes[4], r.changes[5] = r.changes[5], r.changes[4] },
		"change 5: it comes again, or after change 6",
	},
	{"a batch twice", func(r *record) { r.changes[9].Batch = r.changes[4].Batch }, "one transaction happened twice"},
	{"a change without batch", func(r *record) { r.changes[9].Batch = "" }, "it names no batch"},
	{"a change of another venue", func(r *record) { r.changes[9].Venue = "club" }, "it is of venue club"},
	{"an entry about nothing", func(r *record) { r.changes[9].Entries[0].Booking = nil }, "about 0 things"},
	{"an entry about two things", func(r *record) { r.changes[9].Entries[0].Venue = &r.Venue }, "about 2 things"},
	{
		"an entry of another kind", func(r *record) { r.changes[1].Entries[0].Kind = booking.ServicePut },
		`is "service.put", and about a resource`,
	},
	{"an edit of nowhere", func(r *record) { r.changes[1].Entries[0].Resource.Venue = "club" }, "of venue club"},
	{"an edit of another revision", func(r *record) { r.changes[1].Entries[0].Resource.Revision = 9 }, "of revision 9"},
	{"a capacity below what is taken", func(r *record) {
		_, e := r.nth(booking.ResourcePut, 3)
		e.Resource.Capacity, r.hall().Capacity = 2, 2
	}, "resource hall: its capacity becomes 2, while 3 units are taken later"},
	{"a service that requires what there is not", func(r *record) {
		_, e := r.kind(booking.ServicePut)
		e.Service.Requires[0].AnyOf = []booking.ResourceID{"boat"}
	}, "it requires resource boat, which there is not"},
}

var catalogueDamage = []damage{
	{"another time zone", func(r *record) { r.Venue.TimeZone = "UTC" }, "its settings: what is stored is not what change 1 says: time zone"},
	{"another contact", func(r *record) { r.Venue.Contact.Email = secret.Email }, "not what change 1 says: contact"},
	{"an archived venue", func(r *record) { r.Venue.Archived = true }, "archived"},
	{"no settings", func(r *record) { r.changes[0].Entries = nil }, "no change has put its settings"},
	{"another capacity", func(r *record) { r.hall().Capacity = 6 }, "resource hall: what is stored is not what change"},
	{"another schedule", func(r *record) { r.hall().Schedule.Weekly[1] = nil }, "says: schedule"},
	{"an archived resource", func(r *record) { r.hall().Archived = true }, "says: archived"},
	{"another revision of settings", func(r *record) { r.hall().Revision = 3 }, "says: revision"},
	{"a resource is missing", func(r *record) { r.Resources = r.Resources[1:] }, "resource chair-1: a change put it, but it is not stored"},
	{"a resource of no change", func(r *record) {
		r.Resources = append(r.Resources, resource("barber", "boat", 1))
	}, "resource boat: it is stored, but no change put it"},
	{"a resource touched early", func(r *record) { r.Touched["chair-2"]-- }, "resource chair-2: it says that change"},
	{"another requirement", func(r *record) { r.cut().Requires[0].Units = 2 }, "service cut: what is stored is not what change"},
	{"another price", func(r *record) { r.cut().Price = &booking.Price{Amount: "1", Currency: "EUR"} }, "says: price"},
	{"another limit", func(r *record) { r.cut().LimitedBelow = new(int) }, "says: limited below"},
	{"a service is missing", func(r *record) { r.Services = r.Services[:1] }, "service cut: a change put it, but it is not stored"},
	{"a service of no change", func(r *record) {
		r.Services = append(r.Services, service("barber", "trip", booking.Requirement{}))
	}, "service trip: it is stored, but no change put it"},
}

var answerDamage = []damage{
	{"an answer of no change", func(r *record) { r.answers[1].Revision = r.Revision + 1 }, "it is of change"},
	{"an empty answer", func(r *record) { r.answers[1].Sealed = nil }, "it is empty"},
	{"an answer twice", func(r *record) { r.answers = append(r.answers, r.answers[len(r.answers)-1]) }, "it is stored twice"},
}
