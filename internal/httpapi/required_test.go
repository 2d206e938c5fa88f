package httpapi_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"vacancy/internal/httpapi"
)

// full has, for each call that reads a body, one with everything that the call takes. It is accepted as it is.
var full = map[string]string{
	"book": `{"service":"cut","start":"2026-11-23T09:00:00+01:00","resource":"mia","party_size":1,"hold":false,"override":false,
		"customer":` + whole + `}`,

	"confirm-booking": `{"customer":` + whole + `}`, "extend-booking": `{}`, "cancel-booking": `{}`,

	"put-webhook":           `{"url":"https://example.com/in","events":["booking.confirmed"],"enabled":true}`,
	"rotate-webhook-secret": `{}`, "test-webhook": `{}`, "redeliver-webhook": `{}`,

	"put-venue": venueBody,
	"put-resource": `{"name":"Chair","capacity":1,"order":2,"hours":` + allWeek + `,
		"exceptions":[{"date":"2026-12-24","closed":false,"hours":["09:00-12:00"]}]}`,
	"put-service": `{"name":"Cut","description":"Wash, cut, finish.","price":{"amount":"25.00","currency":"EUR"},"color":"#2d6cdf",
		"duration_minutes":30,"step_minutes":30,"buffer_before_minutes":0,"buffer_after_minutes":5,"min_notice_minutes":60,
		"horizon_days":30,"party_size":{"min":1,"max":2},"hold_minutes":10,"limited_below":1,
		"requires":[{"any_of":["mia","jonas"],"units":1,"per_person":false}],"order":2,
		"limits":{"holds_per_client":5,"bookings_per_client":50,"bookings_per_contact":10}}`,
}

const (
	whole   = `{"name":"Ada","email":"ada@example.com","phone":"+44 20 5550 1815","note":"By the window."}`
	allWeek = `{"mon":["09:00-12:00"],"tue":["09:00-12:00"],"wed":["09:00-12:00"],"thu":["09:00-12:00"],"fri":["09:00-12:00"],
		"sat":["09:00-12:00"],"sun":["22:00-02:00"]}`
)

// What the document says of a field holds, whichever field: one that is required cannot be left out, one that is not can; null is
// taken only where the document allows it, and no other type anywhere.
func TestBodiesAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	s := &server{Handler: httpapi.New(stubConfig()), contract: document()}
	for pattern, op := range document().ops {
		if op.RequestBody == nil {
			continue
		}
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			target := map[string]string{
				"book": bookings, "confirm-booking": bookings + "/bk_1/confirm", "extend-booking": bookings + "/bk_1/extend",
				"cancel-booking": bookings + "/bk_1/cancel", "put-venue": venues, "put-resource": venues + "/resources/mia",
				"put-service": venues + "/services/cut", "put-webhook": venues + "/webhooks/till",
				"rotate-webhook-secret": venues + "/webhooks/till/rotate_secret", "test-webhook": venues + "/webhooks/till/test",
				"redeliver-webhook": venues + "/webhooks/till/deliveries/1/redeliver",
			}[op.OperationID]
			v := variant{t: t, check: func(body []byte, ok bool, field string) {
				t.Helper()
				a := s.do(t, op.Method, target, string(body), admin())
				named := slices.ContainsFunc(a.problem.Errors, func(e httpapi.FieldError) bool { return e.Field == field && e.Message != "" })
				if accepted := a.status < 300; accepted != ok || !ok && (a.status != 422 || !named) {
					t.Errorf("%s in %s\nis answered %d %s", field, body, a.status, a.body)
				}
			}}
			must(t, json.Unmarshal([]byte(full[op.OperationID]), &v.whole))
			v.try(true, "")
			v.object(op.RequestBody.Content["application/json"].Schema, v.whole, "")
		})
	}
}

// variant changes a body, one field at a time.
type variant struct {
	t     *testing.T
	whole map[string]any
	check func(body []byte, ok bool, field string)
}

func (v *variant) try(ok bool, field string) {
	v.t.Helper()
	body, err := json.Marshal(v.whole)
	must(v.t, err)
	v.check(body, ok, field)
}

// object changes the fields of an object that is part of the whole.
func (v *variant) object(schema *huma.Schema, object map[string]any, path string) {
	schema = resolved(schema)
	for name, property := range schema.Properties {
		property, at := resolved(property), path+name
		value, given := object[name]
		if !given && at != "requires[0].resource" { // the sample has any_of, and either is given
			v.t.Errorf("the sample lacks %s", at)
		}
		if !given {
			continue
		}
		delete(object, name)
		if slices.Contains(schema.Required, name) || !needed[at] {
			v.try(!slices.Contains(schema.Required, name), at)
		}
		object[name] = nil
		v.try(property.Nullable, at)
		object[name] = wrong(property.Type)
		v.try(false, at)
		object[name] = value
		switch value := value.(type) {
		case map[string]any:
			v.object(property, value, at+".")
		case []any:
			v.list(property.Items, value, at)
		}
	}
}

func (v *variant) list(schema *huma.Schema, list []any, path string) {
	schema = resolved(schema)
	for i, value := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		for _, mistake := range []any{nil, wrong(schema.Type)} {
			list[i] = mistake
			v.try(false, at)
		}
		list[i] = value
		if object, ok := value.(map[string]any); ok {
			v.object(schema, object, at+".")
		}
	}
}

// needed are the fields without which, though the document does not require them, the rest of the sample makes no sense.
var needed = map[string]bool{
	"customer": true, "customer.name": true, "requires[0].any_of": true, "exceptions[0].hours": true,
}

func wrong(kind string) any {
	if kind == huma.TypeString {
		return 7
	}
	return "seven"
}

func resolved(schema *huma.Schema) *huma.Schema {
	if schema.Ref != "" {
		return document().openapi.Components.Schemas.SchemaFromRef(schema.Ref)
	}
	return schema
}
