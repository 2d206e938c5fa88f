package httpapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"vacancy/internal/booking"
)

// sample has every kind of field that a body can have.
type sample struct {
	Text    string         `json:"text" required:"false"`
	Number  int            `json:"number,omitempty"`
	Flag    bool           `json:"flag,omitempty"`
	Date    booking.Date   `json:"date,omitzero"`
	Maybe   *int           `json:"maybe,omitempty" nullable:"true"`
	Inner   *sample2       `json:"inner,omitempty"`
	Texts   []string       `json:"texts,omitempty"`
	Inners  []sample2      `json:"inners,omitempty"`
	Periods []booking.Date `json:"dates,omitempty"`
}

type sample2 struct {
	A int `json:"a,omitempty"`
	B int `json:"b,omitempty"`
}

// FuzzDecode compares the decoder with encoding/json: what the strict one accepts, the other reads the same.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { "text" : "a\u00e9\n\"\\" , "number" : -12 , "flag" : true } `, `{"date":"2026-11-24","maybe":null}`,
		`{"maybe":7,"inner":{"a":1,"b":2},"texts":[],"inners":[{"b":1},{}],"dates":["2026-01-01"]}`, `{"texts":["]","}",",","\""]}`,
		`{"te\u0078t":"escaped"}`, `{"text":"\ud83d\ude00\ufffd"}`, `{"text":"\ud83d"}`, `{"x":[{"y":[1,"]"]},null,true,-1e5],"number":1}`,
		`{"number":1.0}`, `{"number":01}`, `{"text":{}}`, `{"inner":[]}`, "{\"text\":\"\xff\"}", `{"a":`,
	} {
		f.Add([]byte(seed))
	}
	s := shapeOf(reflect.TypeFor[sample]())
	f.Fuzz(func(t *testing.T, data []byte) {
		var strict, lax sample
		err := decode(data, s, reflect.ValueOf(&strict).Elem())
		if err != nil {
			if meaningOf(err).status >= 500 {
				t.Fatalf("%q is refused with %v", data, err)
			}
			return
		}
		if err := json.Unmarshal(data, &lax); err != nil {
			t.Fatalf("%q is accepted, and encoding/json says %v", data, err)
		}
		if !reflect.DeepEqual(strict, lax) {
			t.Fatalf("%q is read as %+v, and by encoding/json as %+v", data, strict, lax)
		}
	})
}

func TestDecodeNamesEveryField(t *testing.T) {
	t.Parallel()
	const body = `{"inners":[{"a":1},{"b":"x","c":2,"a":1,"a":2}],"dates":["2026-01-01","x"],"Text":"","inner":null,"maybe":null,"number":1e2}`
	err := decode([]byte(body), shapeOf(reflect.TypeFor[sample]()), reflect.ValueOf(new(sample)).Elem())
	const want = `inners[1].b: must be a whole number; inners[1].c: is not a field here; inners[1].a: is given twice; ` +
		`dates[1]: "x" is not a date such as 2026-11-24; Text: is not a field here; inner: must be an object; number: must be a whole number`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// However much is wrong, the answer stays small.
func TestDecodeBoundsWhatItSays(t *testing.T) {
	t.Parallel()
	body := `{"` + strings.Repeat("n", 1000) + `":1` + strings.Repeat(`,"x":1`, 1000) + `}`
	err := decode([]byte(body), shapeOf(reflect.TypeFor[sample]()), reflect.ValueOf(new(sample)).Elem())
	if err == nil || len(err.Error()) > maxFieldErrors*(maxNameShown+40) {
		t.Errorf("got %d bytes: %.200v", len(err.Error()), err)
	}
}

// Every field of a body that a request may lack is described as such, and the other way round: both come from the same tags, and
// each side reads them by itself.
func TestShapesAgreeWithSchemas(t *testing.T) {
	t.Parallel()
	registry := newAPI(Config{}).huma.OpenAPI().Components.Schemas
	for _, body := range []reflect.Type{
		reflect.TypeFor[VenueSettings](), reflect.TypeFor[ResourceSettings](), reflect.TypeFor[ServiceSettings](),
		reflect.TypeFor[BookingRequest](), reflect.TypeFor[ConfirmRequest](), reflect.TypeFor[Contact](), reflect.TypeFor[Hours](),
		reflect.TypeFor[Exception](), reflect.TypeFor[Price](), reflect.TypeFor[PartySize](), reflect.TypeFor[Requirement](),
		reflect.TypeFor[Customer](),
	} {
		schema := registry.Schema(body, false, "")
		required := make(map[string]bool)
		for _, name := range schema.Required {
			required[name] = true
		}
		fields := shapeOf(body).fields
		if len(fields) != len(schema.Properties) {
			t.Errorf("%s has %d fields, and %d in its schema", body, len(fields), len(schema.Properties))
		}
		for _, f := range fields {
			property := schema.Properties[f.name]
			if property == nil || required[f.name] != f.required || property.Nullable != f.nullable {
				t.Errorf("%s.%s is not what its schema says", body, f.name)
			}
		}
	}
}
