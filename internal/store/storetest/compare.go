package storetest

import (
	"encoding/json"
	"errors"
	"strings"
)

// same fails the test unless got and want say the same. Nil and empty lists do, and so do nil and empty maps; instants must have the same
// offset too, which is UTC's.
func (f *Fixture) same(what string, got, want any) {
	f.Helper()
	g, w := f.describe(got), f.describe(want)
	if g != w {
		f.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// describe writes a value as JSON, in which nothing is null.
func (f *Fixture) describe(v any) string {
	f.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		f.Fatalf("describe %T: %v", v, err)
	}
	return strings.NewReplacer("null", "[]", "{}", "[]").Replace(string(text))
}

// must ends the test on an error.
func (f *Fixture) must(what string, err error) {
	f.Helper()
	if err != nil {
		f.Fatalf("%s: %v", what, err)
	}
}

// fails ends the test unless err is the one that is wanted.
func (f *Fixture) fails(what string, err, want error) {
	f.Helper()
	if !errors.Is(err, want) {
		f.Fatalf("%s: got error %v, want %v", what, err, want)
	}
}
