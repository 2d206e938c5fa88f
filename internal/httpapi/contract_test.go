package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"vacancy/internal/httpapi"
)

// contract holds what the API answers against its own document.
type contract struct {
	openapi *huma.OpenAPI
	mux     *http.ServeMux
	ops     map[string]*huma.Operation
}

// document is the contract, read once: nobody changes it.
var document = sync.OnceValue(newContract)

func newContract() *contract {
	c := &contract{openapi: httpapi.Document(), mux: http.NewServeMux(), ops: make(map[string]*huma.Operation)}
	for path, item := range c.openapi.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete} {
			if op != nil {
				pattern := op.Method + " " + path
				c.ops[pattern] = op
				c.mux.Handle(pattern, http.NotFoundHandler())
			}
		}
	}
	return c
}

// breaches says in what the answer to a request is not as the document has it.
func (c *contract) breaches(r *http.Request, a *answer) (breaches []string) {
	if a.status >= http.StatusBadRequest {
		breaches = c.problemBreaches(a)
	}
	_, pattern := c.mux.Handler(r)
	op := c.ops[pattern]
	if op == nil {
		return breaches // no call of the API: a page, a preflight, or a wrong address
	}
	described := op.Responses[strconv.Itoa(a.status)]
	if described == nil {
		return append(breaches, "the status is not described")
	}
	if code := a.problem.Code; code != "" && !strings.Contains(described.Description, "`"+code+"`") {
		breaches = append(breaches, "the code is not described")
	}
	for name := range described.Headers {
		// A page that is not the last has a Link, an answer about a limit over time a RateLimit, and one that is not stale a tag.
		stale := name == "ETag" && a.header.Get("Cache-Control") == "no-store"
		if a.header.Get(name) == "" && !stale && name != "Link" && !strings.HasPrefix(name, "RateLimit") {
			breaches = append(breaches, "the header "+name+" is missing")
		}
	}
	media := described.Content[a.header.Get("Content-Type")]
	switch {
	case len(a.body) == 0 || r.Method == http.MethodHead:
		return breaches
	case media == nil:
		return append(breaches, "the content type is not described")
	case media.Schema.Type == huma.TypeString: // a stream
		return breaches
	}
	return append(breaches, c.bodyBreaches(media.Schema, a.body)...)
}

func (c *contract) problemBreaches(a *answer) []string {
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		return []string{"a failure comes as " + got + ", and not as a problem"}
	}
	breaches := c.bodyBreaches(&huma.Schema{Ref: "#/components/schemas/Problem"}, a.body)
	if err := json.Unmarshal(a.body, &a.problem); err != nil {
		return append(breaches, err.Error())
	}
	p := a.problem
	if p.Status != a.status || p.Type != "/problems/"+p.Code || p.Title == "" || p.Detail == "" {
		breaches = append(breaches, "the problem does not fit its status, or says nothing")
	}
	if id := a.header.Get("X-Request-Id"); id == "" || p.RequestID != id {
		breaches = append(breaches, "the problem's request id is not the answer's")
	}
	if a.status >= http.StatusInternalServerError && a.status != http.StatusServiceUnavailable && !a.fault {
		breaches = append(breaches, "the server is at fault")
	}
	return breaches
}

func (c *contract) bodyBreaches(schema *huma.Schema, body []byte) (breaches []string) {
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return []string{err.Error()}
	}
	var found huma.ValidateResult
	huma.Validate(c.openapi.Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, &found)
	for _, err := range found.Errors {
		breaches = append(breaches, err.Error())
	}
	return breaches
}

func (c *contract) check(t *testing.T, r *http.Request, a *answer) {
	t.Helper()
	for _, breach := range c.breaches(r, a) {
		t.Errorf("%s %s answers %d: %s\n%.2000s", r.Method, r.URL, a.status, breach, a.body)
	}
}

// The control of the check that every other test relies on: an answer that is as described passes, and what is wrong with another
// is seen.
func TestBreachesAreSeen(t *testing.T) {
	t.Parallel()
	venue := `{"id":"b","name":"B","time_zone":"UTC","contact":{},"allowed_origins":[],"revision":1}`
	problem := `{"type":"/problems/not_found","title":"T","status":404,"detail":"D","code":"not_found","request_id":"r1"}`
	fault := strings.NewReplacer("404", "500", "not_found", "internal").Replace(problem)
	for name, test := range map[string]struct {
		status      int
		media, body string
		headers     string
		breached    bool
	}{
		"as described":           {200, "application/json", venue, "X-Request-Id ETag", false},
		"a problem as described": {404, "application/problem+json", problem, "X-Request-Id", false},
		"another status":         {202, "application/json", venue, "X-Request-Id ETag", true},
		"another type":           {200, "text/html", venue, "X-Request-Id ETag", true},
		"a missing header":       {200, "application/json", venue, "X-Request-Id", true},
		"a field too many":       {200, "application/json", edited(venue, "{", `{"x":1,`), "X-Request-Id ETag", true},
		"a field too few":        {200, "application/json", edited(venue, `"revision":1`, `"name":"C"`), "X-Request-Id ETag", true},
		"a null":                 {200, "application/json", edited(venue, `[]`, `null`), "X-Request-Id ETag", true},
		"a failure in plain":     {404, "text/plain", problem, "X-Request-Id", true},
		"another code":           {404, "application/problem+json", strings.ReplaceAll(problem, "not_found", "lost"), "X-Request-Id", true},
		"another request's id":   {404, "application/problem+json", edited(problem, "r1", "r2"), "X-Request-Id", true},
		"a fault":                {500, "application/problem+json", fault, "X-Request-Id", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &answer{status: test.status, header: http.Header{"Content-Type": {test.media}}, body: []byte(test.body)}
			for header := range strings.FieldsSeq(test.headers) {
				a.header.Set(header, "r1")
			}
			found := document().breaches(httptest.NewRequest(http.MethodGet, "/v1/venues/b", nil), a)
			if (len(found) > 0) != test.breached {
				t.Errorf("the breaches are %v", fmt.Sprint(found))
			}
		})
	}
}
