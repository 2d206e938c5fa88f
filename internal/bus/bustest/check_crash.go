package bustest

import (
	"os"
	"strconv"
)

var crashChecks = []check{
	{name: "crash/the broker is killed in a storm", run: crashStorm, needs: crashes, alone: true},
}

// crashCount is how often a broker is killed: VACANCY_BUS_CRASHES, or once.
func crashCount(f *fixture) int {
	f.Helper()
	text, set := os.LookupEnv("VACANCY_BUS_CRASHES")
	if !set {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		f.Fatalf("VACANCY_BUS_CRASHES is %q, want a number of 1 or more", text)
	}
	return n
}

func crashStorm(f *fixture) {
	count := crashCount(f)
	s := f.storm(f.bus)
	for range count {
		s.goesOn(5)
		f.broker.Kill(f)
		s.fails()
		f.broker.Restart(f)
	}
	s.goesOn(5)
	s.end()
}
