package kafkabus_test

import (
	"errors"
	"strings"
	"testing"

	"vacancy/internal/bus"
	"vacancy/internal/bus/kafkabus"
)

// What a topic's facts mean for an installation that asks for three replicas, two of them in sync.
func TestAssessment(t *testing.T) {
	t.Parallel()
	sound := func(change func(f *kafkabus.TopicFacts)) kafkabus.TopicFacts {
		f := kafkabus.TopicFacts{
			Partitions: 2, Replicas: 3, InSync: []int{3, 3},
			Settings: map[string]string{"max.message.bytes": "1048588", "min.insync.replicas": "2", "cleanup.policy": "delete"},
		}
		change(&f)
		return f
	}
	type facts = kafkabus.TopicFacts
	for name, c := range map[string]struct {
		change                   func(f *facts)
		refusal, warning, advice string
		maxBatch                 int
		// asks is for so many replicas; 0 is 3, of which 2 in sync.
		asks int
	}{
		"all is well":      {change: func(*facts) {}},
		"fewer partitions": {change: func(f *facts) { f.Partitions = 1 }, refusal: "has 1 partitions, and 2 are configured"},
		"more partitions":  {change: func(f *facts) { f.Partitions = 3 }, warning: "has 3 partitions, and 2 are configured"},
		"one replica":      {change: func(f *facts) { f.Replicas = 1 }, refusal: "has 1 replicas"},
		"one replica, on purpose": {asks: 1, advice: "one replica", change: func(f *facts) {
			f.Replicas, f.Settings["min.insync.replicas"] = 1, "1"
		}},
		"one is enough, on purpose": {asks: 1, change: func(f *facts) { f.Settings["min.insync.replicas"] = "1" }, advice: "only one replica"},
		"more than is asked for":    {asks: 1, change: func(*facts) {}},
		"more replicas":             {change: func(f *facts) { f.Replicas = 5 }},
		"one is enough":             {change: func(f *facts) { f.Settings["min.insync.replicas"] = "1" }, refusal: "min.insync.replicas=1"},
		"all must have it":          {change: func(f *facts) { f.Settings["min.insync.replicas"] = "3" }},
		"one is out of sync":        {change: func(f *facts) { f.InSync[1] = 2 }},
		"two are out of sync":       {change: func(f *facts) { f.InSync[1] = 1 }, warning: "has 1 replicas in sync"},
		"nobody leads":              {change: func(f *facts) { f.Leaderless = []int{1} }, warning: "nobody leads"},
		"compacted":                 {change: func(f *facts) { f.Settings["cleanup.policy"] = "compact,delete" }, refusal: "compacted"},
		"unclean elections":         {change: func(f *facts) { f.Settings["unclean.leader.election.enable"] = "true" }, advice: "unclean"},
		"unknown settings":          {change: func(f *facts) { f.Settings = nil }, advice: "DescribeConfigs"},
		"small messages":            {change: func(f *facts) { f.Settings["max.message.bytes"] = "1000" }, maxBatch: 1000},
		"very large messages":       {change: func(f *facts) { f.Settings["max.message.bytes"] = "99999999" }},
		"beyond those in use":       {change: func(f *facts) { f.Partitions, f.InSync = 3, []int{3, 3, 1} }, warning: "has 3 partitions"},
		"all of it unavailable":     {change: func(f *facts) { f.Leaderless = []int{0, 1} }, warning: "[0 1]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := kafkabus.Config{Topic: "vacancy", Partitions: 2, Replicas: 3, MinInSync: 2}
			if c.asks > 0 {
				config.Replicas, config.MinInSync = c.asks, c.asks
			}
			warnings, advice, maxBatch, refusal := kafkabus.Assess(config, sound(c.change))
			if refusal != nil && !errors.Is(refusal, bus.ErrMisconfigured) {
				t.Errorf("the refusal is %v", refusal)
			}
			for what, pair := range map[string][2]string{
				"refusal":   {errorText(refusal), c.refusal},
				"complaint": {strings.Join(warnings, "; "), c.warning},
				"advice":    {strings.Join(advice, "; "), c.advice},
			} {
				if got, want := pair[0], pair[1]; (got == "") != (want == "") || !strings.Contains(got, want) {
					t.Errorf("the %s is %q, want %q", what, got, want)
				}
			}
			want := c.maxBatch
			if want == 0 {
				want = 1_000_000
			}
			if maxBatch != want {
				t.Errorf("batches of %d bytes, want %d", maxBatch, want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
