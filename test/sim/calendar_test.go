package sim

import (
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"vacancy/internal/booking"
)

const (
	minutesPerDay = 24 * 60
	// calendarDays is how long a calendar is, and calendarLead how much of it lies before its base.
	calendarDays = 60
	calendarLead = 6
	// farthestDays is how long after the base the simulated clock stops.
	farthestDays = 20
)

// calendar is what a zone's clock shows at every minute of some weeks, one by one. All that it knows of zones is how to convert an
// instant to wall time. Walls are minutes, of a UTC clock that shows the same, after the calendar's beginning.
type calendar struct {
	zone  *time.Location
	name  string
	begin time.Time
	walls []int
	// first and last are the minutes at which the clock shows a wall or, if it never does, jumps over it; found by the wall plus a day.
	first, last []int
}

// calendarKey is all that a calendar depends on.
type calendarKey struct {
	zone string
	base booking.Date
}

var calendars = struct {
	mu    sync.Mutex
	known map[calendarKey]*calendar
}{known: make(map[calendarKey]*calendar)}

// calendarOf is the calendar of a zone around a date.
func calendarOf(tb testing.TB, zone string, base booking.Date) *calendar {
	tb.Helper()
	calendars.mu.Lock()
	defer calendars.mu.Unlock()
	key := calendarKey{zone, base}
	c, ok := calendars.known[key]
	if !ok {
		location, err := time.LoadLocation(zone)
		if err != nil {
			tb.Fatal(err)
		}
		c = newCalendar(location, zone, base)
		calendars.known[key] = c
	}
	return c
}

func newCalendar(zone *time.Location, name string, base booking.Date) *calendar {
	c := &calendar{zone: zone, name: name, begin: time.Date(base.Year, base.Month, base.Day-calendarLead, 0, 0, 0, 0, time.UTC)}
	c.walls = make([]int, calendarDays*minutesPerDay)
	c.first = make([]int, (calendarDays+2)*minutesPerDay)
	c.last = make([]int, len(c.first))
	for i := range c.first {
		c.first[i] = -1
	}
	for i := range c.walls {
		at := c.instant(i)
		_, offset := at.Zone()
		c.walls[i] = i + offset/60
		if i > 0 && c.walls[i] > c.walls[i-1]+1 { // the clock jumps, for ever unless it is put back again
			for wall := c.walls[i-1] + 1; wall < c.walls[i]; wall++ {
				c.note(wall, i)
			}
		}
		c.note(c.walls[i], i)
	}
	return c
}

func (c *calendar) note(wall, i int) {
	at := wall + minutesPerDay
	if c.first[at] < 0 {
		c.first[at] = i
	}
	c.last[at] = i
}

// instant is the i-th minute.
func (c *calendar) instant(i int) time.Time {
	return c.begin.Add(time.Duration(i) * time.Minute).In(c.zone)
}

// minute is the index of an instant, rounded down; whole tells whether it is exactly that minute.
func (c *calendar) minute(t time.Time) (i int, whole bool) {
	since := t.Sub(c.begin)
	i = int(since / time.Minute)
	if since < 0 {
		i--
	}
	return i, since%time.Minute == 0
}

// has tells whether the calendar goes as far as the i-th minute, and a good way beyond it.
func (c *calendar) has(i int) bool { return i >= minutesPerDay && i < len(c.walls)-4*minutesPerDay }

// day counts the dates of the calendar: 0 is that of its beginning.
func (c *calendar) day(date booking.Date) int { return booking.DateOf(c.begin).DaysUntil(date) }

// date is the date that the clock shows at the i-th minute.
func (c *calendar) date(i int) booking.Date {
	return booking.DateOf(c.begin).AddDays(floorDay(c.walls[i]))
}

func floorDay(wall int) int { return (wall+minutesPerDay)/minutesPerDay - 1 }

// minutesOf are the minutes at which the clock shows the date, ascending. They need not be without gaps.
func (c *calendar) minutesOf(date booking.Date) []int {
	day := c.day(date)
	var minutes []int
	for i := max(0, (day-1)*minutesPerDay); i < min(len(c.walls), (day+2)*minutesPerDay); i++ {
		if floorDay(c.walls[i]) == day {
			minutes = append(minutes, i)
		}
	}
	return minutes
}

// today is the latest date that the clock has shown up to an instant: it may be put back across midnight.
func (c *calendar) today(now time.Time) booking.Date {
	i, _ := c.minute(now)
	latest := c.walls[i]
	for back := range 3 * 60 {
		latest = max(latest, c.walls[i-back])
	}
	return booking.DateOf(c.begin).AddDays(floorDay(latest))
}

// hours are one resource's hours on a calendar.
type hours struct {
	calendar *calendar
	openings []opening
	open     []bool
	grids    map[int][]bool
}

// opening is a period as minutes of the calendar, [start, end).
type opening struct {
	start, end int
	wall       int // that the period names as its opening
}

func newHours(c *calendar, s booking.Schedule) *hours {
	h := &hours{calendar: c, open: make([]bool, len(c.walls)), grids: make(map[int][]bool)}
	for day := 1; day < calendarDays-1; day++ {
		date := booking.DateOf(c.begin).AddDays(day)
		for _, p := range periodsOn(s, date) {
			opens, closes := day*minutesPerDay+p.Open, day*minutesPerDay+p.Close
			o := opening{start: c.first[opens+minutesPerDay], end: c.last[closes+minutesPerDay], wall: opens}
			if o.start >= o.end {
				continue
			}
			h.openings = append(h.openings, o)
			for i := o.start; i < o.end; i++ {
				h.open[i] = true
			}
		}
	}
	return h
}

// periodsOn are the periods that start on a date.
func periodsOn(s booking.Schedule, date booking.Date) []booking.Period {
	for _, e := range s.Exceptions {
		if e.Date == date {
			return e.Hours
		}
	}
	return s.Weekly[date.Weekday()]
}

// grid tells of each minute whether it is a start: it is open, and on the clock a whole number of steps after the opening.
func (h *hours) grid(step time.Duration) []bool {
	every := int(step / time.Minute)
	if grid, ok := h.grids[every]; ok {
		return grid
	}
	grid := make([]bool, len(h.calendar.walls))
	for _, o := range h.openings {
		for i := o.start; i < o.end; i++ {
			if elapsed := h.calendar.walls[i] - o.wall; elapsed >= 0 && elapsed%every == 0 {
				grid[i] = true
			}
		}
	}
	h.grids[every] = grid
	return grid
}

// offers tells whether a start is one of the hours', and open for its whole length.
func (h *hours) offers(i int, s booking.Service) bool {
	if !h.grid(s.Step)[i] {
		return false
	}
	for j := i; j < i+int(s.Duration/time.Minute); j++ {
		if !h.open[j] {
			return false
		}
	}
	return true
}
