package sim

import (
	"flag"
	"os"
	"strconv"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"vacancy/internal/desk"
)

// commandsVariable asks for a soak: so many commands, nearly all of them in memory.
const commandsVariable = "VACANCY_SIM_COMMANDS"

// TestMain has rapid draw longer plans than it would, since much can only happen late, and leave no files behind: the seed that it
// prints says it all.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.steps": "50", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// whole leaves a store as it is.
func whole(s desk.Store) desk.Store { return s }

func TestEverythingIsAsTheRulesSay(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var all tally
	t.Cleanup(func() { // when all stores have been seen
		if missing := all.missing(); !t.Failed() && all.commands >= representative && len(missing) > 0 {
			t.Errorf("nothing like this happened in %d commands: %q", all.commands, missing)
		}
	})
	for _, h := range harnesses {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			happened := simulate(t, h)
			t.Logf("%v", &happened)
			mu.Lock()
			defer mu.Unlock()
			all.add(happened)
		})
	}
}

// representative is how many commands show everything that is needed.
const representative = 7000

// simulate runs plans until they have as many commands as are wanted.
func simulate(t *testing.T, h harness) (all tally) {
	t.Helper()
	want, failed := commandsWanted(t, h), false
	for all.commands < want && !t.Failed() {
		rapid.Check(t, func(rt *rapid.T) {
			p := plans.Draw(rt, "plan")
			if all.commands >= want && !failed { // once it failed, rapid looks for a shorter plan
				return
			}
			happened, err := run(t, p, h, whole)
			if all.add(happened); err != nil {
				failed = true
				rt.Fatalf("%v", err)
			}
		})
	}
	return all
}

func commandsWanted(t *testing.T, h harness) int {
	t.Helper()
	text, ok := os.LookupEnv(commandsVariable)
	if !ok {
		return h.commands
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, not a number of commands", commandsVariable, text)
	}
	return max(n*h.share/1000, 1)
}
