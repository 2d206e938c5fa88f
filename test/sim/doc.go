// Package sim runs random sequences of commands against the real desk, view and hub on real stores, and compares every answer with
// a naive reading of the rules: a model that keeps a plain list of bookings and looks at the clock minute by minute. It knows the
// design and the decision on what a slot is, and none of the rooms that it judges: of the product it uses the domain's values only.
//
// A plan is data: two venues, and commands whose numbers are resolved against the state as it is when they run. So rapid can leave out
// any of them while it shrinks a failure, and what is left still makes sense. A failure prints what was done, line by line, in the
// words of the venue.
//
//	go test ./test/sim                                              some thousands of commands
//	VACANCY_SIM_COMMANDS=1000000 go test -timeout 1h -v ./test/sim  a million
//	go test ./test/sim -run .../memory -rapid.seed=N             what failed
package sim
