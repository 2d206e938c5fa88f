package httpapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"vacancy/internal/booking"
)

func formOf[T any]() form {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	return form{schema: schemas.Schema(reflect.TypeFor[T](), true, ""), schemas: schemas}
}

// sample has every kind of field that a body can have.
type sample struct {
	Text    string         `json:"text" required:"false"`
	Number  int            `json:"number,omitempty"`
	Flag    bool           `json:"flag,omitempty"`
	Date    booking.Date   `json:"date,omitzero"`
	Maybe   *int           `json:"maybe,omitempty" nullable:"true"`
	Inner   *sample2       `json:"inner"`
	Texts   []string       `json:"texts,omitempty"`
	Inners  []sample2      `json:"inners,omitempty"`
	Periods []booking.Date `json:"dates,omitempty"`
}

type sample2 struct {
	A int `json:"a"`
	B int `json:"b,omitempty"`
}

// FuzzDecode compares the decoder with encoding/json: what the strict one accepts, the other reads the same.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `{}`, `{"inner":{"a":1}}`,
		` { "text" : "a\u00e9\n\"\\" , "number" : -12 , "flag" : true, "inner": {"a":0} } `, `{"date":"2026-11-24","maybe":null}`,
		`{"maybe":7,"inner":{"a":1,"b":2},"texts":[],"inners":[{"a":1},{"a":2}],"dates":["2026-01-01"]}`, `{"texts":["]","}",",","\""]}`,
		`{"te\u0078t":"escaped"}`, `{"text":"\ud83d\ude00\ufffd"}`, `{"text":"\ud83d"}`, `{"x":[{"y":[1,"]"]},null,true,-1e5],"number":1}`,
		`{"number":1.0}`, `{"number":01}`, `{"text":{}}`, `{"inner":[]}`, "{\"text\":\"\xff\"}", `{"a":`,
	} {
		f.Add([]byte(seed))
	}
	form := formOf[sample]()
	f.Fuzz(func(t *testing.T, data []byte) {
		var strict, lax sample
		err := form.decode(data, &strict)
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

// What is missing or null is named at once, besides the first thing that is unknown or of the wrong type.
func TestDecodeNamesFields(t *testing.T) {
	t.Parallel()
	const inner = `"inner":{"a":1}`
	for body, want := range map[string]string{
		`{}`: "inner: is required",
		`{"inner":{},"inners":[{"a":1},{"b":null}],"number":null,"maybe":null,"texts":[null]}`: "inner.a: is required; " +
			"inners[1].b: must not be null; " +
			"inners[1].a: is required; number: must not be null; texts[0]: must not be null",
		`{"inners":[{"a":1},{"b":2}],"dates":["2026-01-01","x"]}`: "inners[1].a: is required; inner: is required; " +
			`dates[1]: "x" is not a date such as 2026-11-24`,
		`{"inner":null}`:                                "inner: must not be null",
		`{"inner":[]}`:                                  "inner: must be an object",
		`{"inner":{"a":1,"c":2}}`:                       "inner.c: is not a field here",
		`{` + inner + `,"Text":""}`:                     "Text: is not a field here",
		`{` + inner + `,"number":1e2}`:                  "number: must be a whole number",
		`{` + inner + `,"number":1.0}`:                  "number: must be a whole number",
		`{` + inner + `,"number":99999999999999999999}`: "number: is too large",
		`{` + inner + `,"maybe":"7"}`:                   "maybe: must be a whole number",
		`{` + inner + `,"flag":0}`:                      "flag: must be true or false",
		`{` + inner + `,"texts":{}}`:                    "texts: must be a list",
		`{` + inner + `,"texts":["a",2]}`:               "texts[1]: must be a string",
		`{` + inner + `,"date":5}`:                      "date: JSON value must be string type",
		`{` + inner + `,"inners":[{"a":1,"a":1}]}`:      "inners[0].a: is given twice",
		`[]`:                "body: must be an object",
		`null`:              "body: must not be null",
		`{"text":"\ud83d"}`: "text: is not JSON: invalid surrogate pair `\\ud83d\"}` in string, at byte 9",
		`{"text":}`:         "text: is not JSON: missing value after object name, at byte 8",
		`{` + inner + `}{}`: "body: is not JSON: invalid character '{' after top-level value, at byte 17",
	} {
		if err := formOf[sample]().decode([]byte(body), new(sample)); err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", body, err, want)
		}
	}
}

// However much is wrong, the answer stays small.
func TestDecodeBoundsWhatItSays(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 1000)
	for _, body := range []string{
		`{"` + long + `":1}`, `{"date":"` + long + `"}`, `{"texts":[` + strings.Repeat("null,", 1000) + `null]}`, `{"text":"` + long + `\ud83d"}`,
		strings.Repeat(`{"`+long+`":`, 30) + `x`, strings.Repeat(`{"`+long+`":`, 10_000),
	} {
		err := formOf[sample]().decode([]byte(body), new(sample))
		if err == nil || len(err.Error()) > maxBodyDepth*(maxEchoBytes+40) {
			t.Errorf("%.40s is answered with %d bytes: %.200v", body, len(err.Error()), err)
		}
	}
}

// BenchmarkDecode is what a booking's body costs on its way.
func BenchmarkDecode(b *testing.B) {
	form := formOf[BookingRequest]()
	body := []byte(`{"service":"haircut","start":"2026-12-01T09:00:00+01:00","party_size":1,` +
		`"customer":{"name":"Ada","email":"ada@example.com"}}`)
	b.ReportAllocs()
	for b.Loop() {
		var r BookingRequest
		if err := form.decode(body, &r); err != nil {
			b.Fatal(err)
		}
	}
}
