package httpapi_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"vacancy/internal/httpapi"
)

func TestSpecIsTheCommittedOne(t *testing.T) {
	t.Parallel()
	made, err := httpapi.Spec()
	must(t, err)
	committed, err := os.ReadFile("../../api/openapi.yaml")
	must(t, err)
	if bytes.Equal(made, committed) {
		return
	}
	a, b := strings.Split(string(made), "\n"), strings.Split(string(committed), "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("api/openapi.yaml is not what the handlers say; run 'make generate' and commit it. Line %d:\ncommitted: %s\nhandlers:  %s",
				i+1, b[i], a[i])
		}
	}
	t.Fatalf("api/openapi.yaml has %d lines, the handlers say %d; run 'make generate' and commit it", len(b), len(a))
}

func TestSpecIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	specs := make([][]byte, 8)
	var done sync.WaitGroup
	for i := range specs {
		done.Go(func() { specs[i], _ = httpapi.Spec() })
	}
	done.Wait()
	for _, spec := range specs[1:] {
		if !bytes.Equal(spec, specs[0]) || len(spec) == 0 {
			t.Fatal("two documents differ")
		}
	}
}

// Every row of the error table is in the document of some call, or is about requests that reach no call.
func TestEveryCodeIsDocumented(t *testing.T) {
	t.Parallel()
	spec, err := httpapi.Spec()
	must(t, err)
	codes := httpapi.Codes()
	for i, code := range codes {
		if slices.Contains(codes[:i], code) {
			t.Errorf("the code %s stands for two errors", code)
		}
		if slices.Contains(beforeAnyRoute, code) {
			continue
		}
		if !bytes.Contains(spec, []byte("`"+code+"`")) {
			t.Errorf("no call says that it can end in %s", code)
		}
	}
}

// beforeAnyRoute are the codes of what is refused before it is known which call it is.
var beforeAnyRoute = []string{
	"method_not_allowed", "misdirected", "https_required", "headers_too_large", "http_version", "transfer_encoding",
	"expectation_failed",
}

// What a call says of itself must be complete enough to write a client from.
func TestEveryCallIsDescribed(t *testing.T) {
	t.Parallel()
	components := document().openapi.Components
	for pattern, op := range document().ops {
		if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 || op.Security == nil {
			t.Errorf("%s lacks its id, summary, chapter or security", pattern)
		}
		for _, p := range op.Parameters {
			name := strings.TrimPrefix(p.Ref, "#/components/parameters/")
			if described := components.Parameters[name]; described == nil || described.Description == "" {
				t.Errorf("%s has a parameter %s that nobody describes", pattern, name)
			}
		}
		for status, response := range op.Responses {
			if response.Description == "" {
				t.Errorf("%s says nothing of %s", pattern, status)
			}
			for name := range response.Headers {
				if components.Headers[name] == nil {
					t.Errorf("%s has a header %s that nobody describes", pattern, name)
				}
			}
		}
	}
}
