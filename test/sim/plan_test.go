package sim

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"vacancy/internal/booking"
)

// plan is two venues to begin with, and what happens then. It is data: the same plan does the same on every store.
type plan struct {
	base booking.Date
	// after is how long after the base's midnight of UTC the clock stands at first; skew is how much the second node's clock is ahead.
	after, skew time.Duration
	venues      [venueCount]venuePlan
	commands    []command
}

// venueCount is how many venues there are. They share nothing but the clock, the nodes and the store; their members and the
// idempotency keys that are used in them have the same names, so that whatever forgets the venue mixes them up.
const venueCount = 2

// venueIDs are the ids of the venues.
var venueIDs = [venueCount]booking.VenueID{"house", "inn"}

// venuePlan is one venue to begin with.
type venuePlan struct {
	id        booking.VenueID
	zone      string
	resources []booking.Resource
	services  []booking.Service
}

// GoString says little: the log of the run says it all.
func (p plan) GoString() string {
	return fmt.Sprintf("%d commands in %s and %s", len(p.commands), p.venues[0].zone, p.venues[1].zone)
}

// kind is what a command does. The first does nothing, so that rapid can shrink any command to it.
type kind string

const (
	nothing  kind = "nothing"
	book     kind = "book"
	hold     kind = "hold"    // another way to book
	offered  kind = "offered" // reads the availability, and books what is offered there
	confirm  kind = "confirm"
	extend   kind = "extend"
	cancel   kind = "cancel"
	repeat   kind = "repeat" // sends something again
	crowd    kind = "crowd"  // several book the same at once
	duel     kind = "duel"   // one confirms and one cancels at once
	burst    kind = "burst"  // many holds, one by one
	pass     kind = "pass"   // time passes
	read     kind = "read"
	follow   kind = "follow" // a reader of the live protocol comes back
	show     kind = "show"   // reads one booking
	listing  kind = "listing"
	expire   kind = "expire"
	heal     kind = "heal" // the periodic check of a node's view
	restart  kind = "restart"
	reopen   kind = "reopen" // the store itself
	sweep    kind = "sweep"
	trim     kind = "trim"
	venuePut kind = "put venue"
	resPut   kind = "put resource"
	svcPut   kind = "put service"
	archive  kind = "archive"
)

// weights say how often each kind comes.
var weights = []struct {
	kind  kind
	times int
}{
	{nothing, 1},
	{book, 14},
	{offered, 8},
	{pass, 12},
	{confirm, 6},
	{cancel, 5},
	{extend, 3},
	{repeat, 4},
	{read, 5},
	{follow, 10},
	{crowd, 3},
	{duel, 2},
	{burst, 1},
	{show, 2},
	{listing, 1},
	{expire, 2},
	{heal, 1},
	{restart, 2},
	{reopen, 1},
	{sweep, 1},
	{trim, 3},
	{resPut, 4},
	{svcPut, 3},
	{venuePut, 1},
	{archive, 2},
}

// kinds has each kind as often as its weight says.
var kinds = func() (all []kind) {
	for _, w := range weights {
		for range w.times {
			all = append(all, w.kind)
		}
	}
	return all
}()

// choices is how many numbers a command has to choose by.
const choices = 10

// command is one thing that happens. Its numbers mean something only once it runs: the third booking, the next step in time.
type command struct {
	kind kind
	// venue is the index of the venue that it is about.
	venue int
	// second tells which node it is sent to.
	second bool
	n      [choices]int
}

// pick chooses one of so many by the i-th number.
func (c command) pick(i, of int) int { return c.n[i] % of }

// one chooses one of some by the i-th number.
func one[T any](c command, i int, of []T) T { return of[c.pick(i, len(of))] }

// scenes are zones, each with dates some days before its clock changes. The last two have whole hours in which midnight is skipped or
// comes twice; others change by half an hour, by two hours, or not at all.
var scenes = []struct {
	zone string
	base booking.Date
}{
	{"UTC", booking.Date{Year: 2026, Month: time.December, Day: 28}},
	{"Europe/Berlin", booking.Date{Year: 2026, Month: time.March, Day: 25}},
	{"Europe/Berlin", booking.Date{Year: 2026, Month: time.October, Day: 21}},
	{"America/New_York", booking.Date{Year: 2026, Month: time.March, Day: 4}},
	{"America/New_York", booking.Date{Year: 2026, Month: time.October, Day: 28}},
	{"Australia/Lord_Howe", booking.Date{Year: 2026, Month: time.April, Day: 1}},
	{"Australia/Lord_Howe", booking.Date{Year: 2026, Month: time.September, Day: 30}},
	{"Asia/Kathmandu", booking.Date{Year: 2028, Month: time.February, Day: 25}},
	{"Antarctica/Troll", booking.Date{Year: 2026, Month: time.March, Day: 25}},
	{"America/Santiago", booking.Date{Year: 2026, Month: time.April, Day: 1}},
	{"America/Santiago", booking.Date{Year: 2026, Month: time.September, Day: 2}},
	{"Asia/Beirut", booking.Date{Year: 2026, Month: time.March, Day: 25}},
	{"Asia/Beirut", booking.Date{Year: 2026, Month: time.October, Day: 21}},
}

// plans are random plans.
var plans = rapid.Custom(drawPlan)

// drawPlan draws a plan of some thirty commands.
func drawPlan(t *rapid.T) plan {
	scene := rapid.SampledFrom(scenes).Draw(t, "scene")
	p := plan{base: scene.base}
	p.after = time.Duration(rapid.IntRange(0, 7*24*60*60).Draw(t, "seconds after the base")) * time.Second
	p.after += rapid.SampledFrom([]time.Duration{0, 123_456 * time.Microsecond}).Draw(t, "and a moment")
	p.skew = time.Duration(rapid.SampledFrom([]int{0, 0, 0, 60, -60, 7, -90}).Draw(t, "skew")) * time.Minute
	p.venues[0] = drawVenue(t, venueIDs[0], scene.zone, p.base)
	p.venues[1] = drawVenue(t, venueIDs[1], rapid.SampledFrom([]string{scene.zone, "UTC", "Asia/Kathmandu"}).Draw(t, "second zone"), p.base)
	t.Repeat(map[string]func(*rapid.T){"command": func(t *rapid.T) { p.commands = append(p.commands, drawCommand(t)) }})
	return p
}

func drawVenue(t *rapid.T, id booking.VenueID, zone string, base booking.Date) venuePlan {
	p := venuePlan{id: id, zone: zone}
	for i := range rapid.IntRange(1, 4).Draw(t, "resources") {
		p.resources = append(p.resources, drawResource(t, id, booking.ResourceID(fmt.Sprintf("r%d", i)), base))
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "services") {
		p.services = append(p.services, drawService(t, id, booking.ServiceID(fmt.Sprintf("s%d", i)), p.resources))
	}
	return p
}

// drawCommand draws a command. Two of three are about the first venue, so that enough happens in one.
func drawCommand(t *rapid.T) command {
	c := command{
		kind: rapid.SampledFrom(kinds).Draw(t, "kind"), second: rapid.Bool().Draw(t, "second node"),
		venue: rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "venue"),
	}
	for i := range c.n {
		c.n[i] = rapid.IntRange(0, 999).Draw(t, "n")
	}
	return c
}

// period makes one of "09:00-17:00".
func period(text string) booking.Period {
	p, err := booking.ParsePeriod(text)
	if err != nil {
		panic(err)
	}
	return p
}

// days are hours that a day can have, whatever the days beside it have but for the last two, which run over midnight.
var days = [][]booking.Period{
	{period("09:00-17:00")},
	{period("09:00-12:00"), period("12:00-15:00")},
	{period("09:10-12:45"), period("13:15-18:00")},
	nil,
	{period("00:00-24:00")},
	{period("01:15-04:20")},
	{period("02:30-03:10"), period("20:00-23:00")},
	{period("22:00-02:00")},
	{period("10:00-11:00"), period("23:20-00:40")},
}

// week is one of the weeks that days make up, by two numbers.
func week(a, b int) booking.WeeklyHours {
	var hours booking.WeeklyHours
	first, other := days[a%len(days)], days[b%len(days)]
	for day := range hours {
		hours[day] = first
		if day%3 == 2 {
			hours[day] = other
		}
	}
	mixed := booking.Resource{Venue: venueIDs[0], ID: "r", Name: "R", Capacity: 1, Schedule: booking.Schedule{Weekly: hours}}
	if mixed.Validate() != nil {
		for day := range hours { // a night runs into the next day's hours
			hours[day] = first
		}
	}
	return hours
}

// exception is what a date has instead, by a number.
func exception(date booking.Date, n int) booking.Exception {
	if periods := days[n%len(days)]; periods != nil {
		return booking.Exception{Date: date, Hours: periods}
	}
	return booking.Exception{Date: date, Closed: true}
}

func drawResource(t *rapid.T, venue booking.VenueID, id booking.ResourceID, base booking.Date) booking.Resource {
	number := rapid.IntRange(0, 99)
	r := booking.Resource{
		Venue: venue, ID: id, Name: "The " + string(id),
		Capacity: rapid.SampledFrom([]int{1, 1, 1, 2, 3, 5, 40}).Draw(t, "capacity"),
	}
	r.Schedule.Weekly = week(number.Draw(t, "week"), number.Draw(t, "its third days"))
	for range rapid.IntRange(0, 2).Draw(t, "exceptions") {
		date := base.AddDays(rapid.IntRange(-2, 25).Draw(t, "date"))
		if len(r.Schedule.Exceptions) == 0 || r.Schedule.Exceptions[0].Date != date {
			r.Schedule.Exceptions = append(r.Schedule.Exceptions, exception(date, number.Draw(t, "hours")))
		}
	}
	return r
}

func drawService(t *rapid.T, venue booking.VenueID, id booking.ServiceID, resources []booking.Resource) booking.Service {
	minutes := func(label string, of ...int) time.Duration {
		return time.Duration(rapid.SampledFrom(of).Draw(t, label)) * time.Minute
	}
	s := booking.Service{
		Venue: venue, ID: id, Name: "A " + string(id),
		Duration:     minutes("duration", 30, 60, 20, 45, 90, 120, 10, 25*60),
		Step:         minutes("step", 30, 60, 15, 45, 20, 10, 35),
		BufferBefore: minutes("buffer before", 0, 0, 0, 5, 30, 90),
		BufferAfter:  minutes("buffer after", 0, 0, 0, 10, 30, 24*60),
		MinNotice:    minutes("notice", 0, 0, 60, 30, 24*60),
		HorizonDays:  rapid.SampledFrom([]int{7, 1, 2, 14}).Draw(t, "horizon"),
		PartySize:    rapid.SampledFrom([]booking.PartySize{{Min: 1, Max: 1}, {Min: 1, Max: 4}, {Min: 2, Max: 3}}).Draw(t, "party"),
		HoldFor:      minutes("hold", 10, 1, 5, 60, 24*60),
		Requires:     []booking.Requirement{{Units: rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "units")}},
	}
	if limit := rapid.IntRange(-1, 4).Draw(t, "limited below"); limit >= 0 {
		s.LimitedBelow = &limit
	}
	need := &s.Requires[0]
	need.PerPerson = rapid.Bool().Draw(t, "per person")
	members := rapid.IntRange(1, len(resources)).Draw(t, "members")
	first, largest := rapid.IntRange(0, len(resources)-1).Draw(t, "first member"), 0
	for i := range members {
		r := resources[(first+i)%len(resources)]
		need.AnyOf, largest = append(need.AnyOf, r.ID), max(largest, r.Capacity)
	}
	if unitsFor(s, s.PartySize.Min) > largest { // nothing could ever be booked, so the desk would refuse it
		need.Units, s.PartySize.Min = 1, 1
	}
	return s
}
