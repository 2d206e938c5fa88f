package booking_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
	_ "time/tzdata"

	"vacancy/internal/booking"
)

func TestParsePeriod(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]booking.Period{
		"09:00-17:00": {Open: 540, Close: 1020},
		"00:00-24:00": {Open: 0, Close: 1440},
		"09:00-24:00": {Open: 540, Close: 1440},
		"22:00-02:00": {Open: 1320, Close: 1560},
		"23:59-23:58": {Open: 1439, Close: 2878},
		"09:00-00:00": {Open: 540, Close: 1440},
		"00:00-00:01": {Open: 0, Close: 1},
	} {
		if got, err := booking.ParsePeriod(text); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "09:00", "9:00-17:00", "09:00-17:00 ", "09:00–17:00", "09.00-17.00", "09:60-17:00", "24:00-01:00", "09:00-25:00", "09:00-24:01",
		"09:00-09:00", "00:00-00:00", "-1:00-17:00", "+9:00-17:00", "aa:bb-cc:dd", "09:00_17:00", "09:00-1７:",
	} {
		if got, err := booking.ParsePeriod(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, seed := range []string{"09:00-17:00", "00:00-24:00", "22:00-02:00", "09:00-09:00", "99:99-99:99", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := booking.ParsePeriod(text)
		if err != nil {
			return
		}
		if p.Open < 0 || p.Open >= booking.MinutesPerDay || p.Close <= p.Open || p.Close-p.Open > booking.MinutesPerDay {
			t.Errorf("%q is read as %+v", text, p)
		}
		if again, err := booking.ParsePeriod(p.String()); err != nil || again != p {
			t.Errorf("%q is written as %q, which is read as %+v, %v", text, p, again, err)
		}
		r := goodResource()
		r.Schedule = booking.Schedule{Exceptions: []booking.Exception{{Date: tuesday, Hours: []booking.Period{p}}}}
		if err := r.Validate(); err != nil {
			t.Errorf("%q can be read but does not pass: %v", text, err)
		}
	})
}

func TestWeeklyHoursJSON(t *testing.T) {
	t.Parallel()
	const text = `{"mon":["09:00-12:00","13:00-17:00"],"sat":["22:00-02:00"]}`
	var w booking.WeeklyHours
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	if len(w[time.Monday]) != 2 || len(w[time.Saturday]) != 1 || w[time.Saturday][0].Close != 1560 || len(w[time.Sunday]) != 0 {
		t.Errorf("%v", w)
	}
	if got, err := json.Marshal(w); err != nil || string(got) != text {
		t.Errorf("%s, %v, want %s", got, err, text)
	}
	for _, bad := range []string{
		`{"monday":[]}`, `{"Mon":[]}`, `{"":[]}`, `{"mon":"09:00-12:00"}`, `{"mon":["9-12"]}`, `{"mon":[540]}`, `[]`, `"mon"`,
		`{"mon":[["09:00-12:00"]]}`,
	} {
		if err := json.Unmarshal([]byte(bad), &w); err == nil {
			t.Errorf("%s is read as %v", bad, w)
		}
	}
}

// Reading replaces what was there.
func TestWeeklyHoursAreReadAnew(t *testing.T) {
	t.Parallel()
	w := booking.WeeklyHours{time.Monday: {{Open: 540, Close: 720}}}
	if err := json.Unmarshal([]byte(`{"tue":["09:00-12:00"]}`), &w); err != nil {
		t.Fatal(err)
	}
	if len(w[time.Monday]) != 0 || len(w[time.Tuesday]) != 1 {
		t.Errorf("%v", w)
	}
}

func FuzzWeeklyHoursJSON(f *testing.F) {
	for _, seed := range []string{
		`{"mon":["09:00-12:00","13:00-17:00"],"sun":["00:00-24:00"]}`, `{}`, `null`, `{"mon":[null]}`, `{"mon":null}`,
		`{"mon":[],"mon":["22:00-02:00"]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var w booking.WeeklyHours
		if json.Unmarshal(data, &w) != nil {
			return
		}
		r := goodResource()
		r.Schedule = booking.Schedule{Weekly: w}
		if r.Validate() != nil {
			return
		}
		written, err := json.Marshal(r.Schedule)
		if err != nil {
			t.Fatalf("%s cannot be written: %v", data, err)
		}
		var again booking.Schedule
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s is written as %s: %v", data, written, err)
		}
		for day := range w {
			if len(w[day]) > 0 && !reflect.DeepEqual(w[day], again.Weekly[day]) {
				t.Errorf("%s is read again as %v", data, again)
			}
		}
	})
}

func TestScheduleOn(t *testing.T) {
	t.Parallel()
	usual, special := []booking.Period{{Open: 540, Close: 720}}, []booking.Period{{Open: 600, Close: 660}}
	s := booking.Schedule{
		Weekly: booking.WeeklyHours{time.Tuesday: usual},
		Exceptions: []booking.Exception{
			{Date: tuesday.AddDays(7), Closed: true},
			{Date: tuesday.AddDays(14), Hours: special},
			{Date: tuesday.AddDays(1), Hours: special},
		},
	}
	for days, want := range map[int][]booking.Period{0: usual, 1: special, 2: nil, 7: nil, 14: special, 21: usual} {
		if got := s.On(tuesday.AddDays(days)); !reflect.DeepEqual(got, want) {
			t.Errorf("on %s: %v, want %v", tuesday.AddDays(days), got, want)
		}
	}
}

func TestLoadZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "Etc/GMT+5", "Australia/Lord_Howe",
	} {
		if zone, err := booking.LoadZone(name); err != nil || zone.String() != name {
			t.Errorf("%s: %v, %v", name, zone, err)
		}
	}
	for _, name := range []string{
		"", "Local", "local", "localtime", "europe/berlin", "Europe", "Europe/", "Europe//Berlin", "Europe/./Berlin", "Europe/../Europe/Berlin",
		"/usr/share/zoneinfo/UTC", "../zoneinfo/UTC", "right/Europe/Berlin", "posix/UTC", "posixrules", "tzdata.zi", "Europe/Atlantis", "UTC\n",
		"UTC\x00", "C:\\UTC", "+01:00", "Europe/Berlin ",
	} {
		if zone, err := booking.LoadZone(name); err == nil {
			t.Errorf("%q is taken for %v", name, zone)
		}
	}
}
