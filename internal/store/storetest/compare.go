package storetest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// same fails t unless got and want say the same. Nil and empty lists do, and so do nil and empty maps; instants must have the same
// offset too, which is UTC's.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	g, w := describe(t, got), describe(t, want)
	if g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// describe writes a value as JSON, in which nothing is null.
func describe(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("describe %T: %v", v, err)
	}
	return strings.NewReplacer("null", "[]", "{}", "[]").Replace(string(text))
}

// must ends t on an error.
func must(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// fails ends t unless err is the one that is wanted.
func fails(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: got error %v, want %v", what, err, want)
	}
}
