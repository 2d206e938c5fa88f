package arch

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

func TestImpurities(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source string
		want   []string
	}{
		"values only": {
			source: `package p; import "time"; func f(now time.Time) time.Duration { return now.Sub(time.Unix(0, 0)) }`,
		},
		"a goroutine": {source: `package p; func f() { go f() }`, want: []string{"starts a goroutine"}},
		"a channel":   {source: `package p; var c chan int`, want: []string{"uses a channel"}},
		"the clock":   {source: `package p; import "time"; var now = time.Now`, want: []string{"calls time.Now"}},
		"the clock by another name": {
			source: `package p; import clock "time"; func f() { clock.Sleep(1); <-clock.After(1) }`,
			want:   []string{"calls time.Sleep", "calls time.After"},
		},
		"a method of that name": {source: `package p; type time struct{}; func (time) Now() {}; func f(t time) { t.Now() }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			positions := token.NewFileSet()
			file, err := parser.ParseFile(positions, "p.go", c.source, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			found := Impurities(positions, file)
			if len(found) != len(c.want) {
				t.Fatalf("found %q, want %q", found, c.want)
			}
			for i, want := range c.want {
				if !strings.HasSuffix(found[i], want) {
					t.Errorf("found %q, want %q", found[i], want)
				}
			}
		})
	}
}
