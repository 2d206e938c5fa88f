package doctor

import (
	"slices"
	"testing"
)

// The three forms of the setting, as PostgreSQL's documentation and its scanner have them.
func TestSyncNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]syncNames{
		"":                           {},
		"  ":                         {},
		"b":                          {count: 1, names: []string{"b"}},
		"b, c":                       {count: 1, names: []string{"b", "c"}},
		"*":                          {count: 1, names: []string{"*"}},
		"2 (b,c,d)":                  {count: 2, names: []string{"b", "c", "d"}},
		"FIRST 2 (b, c)":             {count: 2, names: []string{"b", "c"}},
		"first 1 (b)":                {count: 1, names: []string{"b"}},
		"ANY 2 (b, \"c d\", *)":      {any: true, count: 2, names: []string{"b", "c d", "*"}},
		"any 1(\"with \"\" quote\")": {any: true, count: 1, names: []string{"with \" quote"}},
		"\"any\"":                    {count: 1, names: []string{"any"}},
		"host_1, 2":                  {count: 1, names: []string{"host_1", "2"}},
	} {
		got, err := parseSyncNames(text)
		if err != nil || got.any != want.any || got.count != want.count || !slices.Equal(got.names, want.names) {
			t.Errorf("%q is read as %v, error %v", text, got, err)
		}
	}
	for _, text := range []string{
		"b c", "ANY (b)", "ANY 1 (b", "1 b", "(b)", "FIRST 0 (b)", "b,", ",b", "ANY 1 ()", "\"b", "x 1 (b)", "a-b", "a;b",
	} {
		if got, err := parseSyncNames(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// Whether every acknowledgement includes each standby that is listed.
func TestAlways(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names     string
		connected []string
		want      bool
	}{
		{"FIRST 1 (b)", []string{"b"}, true},
		{"FIRST 1 (b)", nil, true},
		{"FIRST 1 (b)", []string{"b", "c"}, true},
		{"FIRST 1 (b)", []string{"b", "B"}, false},
		{"FIRST 1 (b, c)", []string{"b"}, false},
		{"ANY 1 (b, c)", []string{"b", "c"}, false},
		{"ANY 2 (b, c)", []string{"b", "c"}, true},
		{"*", []string{"b"}, true},
		{"*", []string{"b", "c"}, false},
		{"ANY 2 (b, *)", []string{"b", "c"}, true},
		{"ANY 2 (b, *)", []string{"c", "d"}, false},
	} {
		names, err := parseSyncNames(c.names)
		if err != nil {
			t.Fatal(err)
		}
		if got := names.always(c.connected); got != c.want {
			t.Errorf("%q with %q: %t", c.names, c.connected, got)
		}
	}
}
