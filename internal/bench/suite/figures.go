package suite

import (
	"fmt"
	"strconv"
	"strings"

	"vacancy/internal/bench/meter"
)

// figures are what a report of bookings and one of the reference have in common.
type figures struct {
	Booked          int64            `json:"booked"`
	BookedPerSecond float64          `json:"booked_per_second"`
	Errors          map[string]int64 `json:"errors"`
	Latency         meter.Latency    `json:"latency"`
	Usage           meter.Usage      `json:"usage"`
}

// rate shows bookings a second: the middle, and the range if there are several rounds.
func (s series) rate() string {
	text := grouped(s.middle().BookedPerSecond) + "/s"
	if len(s) > 1 {
		text += fmt.Sprintf(" (%s to %s)", grouped(s[0].BookedPerSecond), grouped(s[len(s)-1].BookedPerSecond))
	}
	return text
}

// latency shows p50 and p99.
func latency(l meter.Latency) string { return fmt.Sprintf("%s / %s", short(l.P50), short(l.P99)) }

// cpu shows what one booking takes of server, database and load.
func (f figures) cpu() string {
	us := func(seconds float64) string { return grouped(seconds * 1e6 / float64(max(f.Booked, 1))) }
	return us(f.Usage.ServerCPU) + " + " + us(f.Usage.DatabaseCPU) + " + " + us(f.Usage.LoadCPU)
}

// failures are the requests that ended otherwise than they should.
func failures(errors map[string]int64) (n int64) {
	for _, of := range errors {
		n += of
	}
	return n
}

// grouped is a number without a fraction, with commas between thousands.
func grouped(x float64) string {
	digits := strconv.FormatInt(int64(x+0.5), 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// short is a number with as many digits as mean something.
func short(x float64) string {
	switch {
	case x >= 100:
		return grouped(x)
	case x >= 1:
		return strconv.FormatFloat(x, 'f', 1, 64)
	default:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
}

// ratio shows how many times b goes into a.
func ratio(a, b float64) string {
	if b == 0 {
		return "-"
	}
	return strconv.FormatFloat(a/b, 'f', 2, 64)
}

// table is one of Markdown. The first row is its head.
type table [][]string

func (t *table) add(cells ...string) { *t = append(*t, cells) }

func (t *table) String() string {
	var text strings.Builder
	for i, row := range *t {
		text.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			text.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return text.String()
}
