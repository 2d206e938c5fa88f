package httpapi

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"vacancy/internal/booking"
)

// form is what a body must look like, as the document has it.
type form struct {
	schema  *huma.Schema
	schemas huma.Registry
}

// decode reads a body strictly: exact names, each once, none that is unknown. What a Go type cannot tell, the schema does: which
// fields must be given, and which may be null. The error is [errMalformed] if the body cannot be read. Otherwise it names every
// field that is missing or null, and the first that is unknown or of the wrong type.
func (f form) decode(data []byte, into any) error {
	dec := getDecoder(data)
	defer decoders.Put(dec)
	s := bodyChecker{schemas: f.schemas, dec: dec}
	err := s.value(f.schema)
	if err == nil {
		err = json.Unmarshal(data, into, json.RejectUnknownMembers(true))
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		field := fieldAt(syntax.JSONPointer)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return booking.NewInvalid(field, "is given twice")
		}
		return malformed(field, "is not JSON: "+printable(syntax.Err.Error())+", at byte "+strconv.FormatInt(syntax.ByteOffset, 10))
	}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	switch {
	case ok:
		s.refuse(semantic.JSONPointer, typeErrorMessage(semantic))
	case errors.Is(err, io.EOF):
		return malformed("body", "is required")
	case err != nil:
		return err
	}
	if len(s.wrong) > 0 {
		return &booking.Invalid{Fields: s.wrong}
	}
	return nil
}

// decoders are used again: each body needs one.
var decoders sync.Pool

func getDecoder(data []byte) *jsontext.Decoder {
	dec, ok := decoders.Get().(*jsontext.Decoder)
	if !ok {
		dec = new(jsontext.Decoder)
	}
	dec.Reset(bytes.NewBuffer(data))
	return dec
}

// bodyChecker goes through a body before it is decoded, to see whether it can be read at all and what it lacks.
type bodyChecker struct {
	schemas huma.Registry
	dec     *jsontext.Decoder
	wrong   []booking.FieldError
}

// anySchema is the schema of a value that nothing is known of.
var anySchema = new(huma.Schema)

// value reads the next value.
func (s *bodyChecker) value(schema *huma.Schema) error {
	schema = cmp.Or(schema, anySchema)
	if schema.Ref != "" {
		schema = s.schemas.SchemaFromRef(schema.Ref)
	}
	token, err := s.dec.ReadToken()
	if err != nil {
		return err
	}
	if s.dec.StackDepth() > maxBodyDepth {
		return malformed("body", "must not be nested deeper than "+strconv.Itoa(maxBodyDepth))
	}
	switch kind := token.Kind(); {
	case kind == jsontext.KindBeginObject:
		return s.object(schema)
	case kind == jsontext.KindBeginArray:
		return s.list(schema)
	case kind == jsontext.KindNull && schema != anySchema && !schema.Nullable:
		s.refuse(s.dec.StackPointer(), "must not be null")
	}
	return nil
}

// object reads the rest of an object.
func (s *bodyChecker) object(schema *huma.Schema) error {
	missing := slices.Clone(schema.Required)
	for s.dec.PeekKind() != jsontext.KindEndObject {
		token, err := s.dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
		if err := s.value(schema.Properties[name]); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	for _, name := range missing {
		s.refuse(s.dec.StackPointer().AppendToken(name), "is required")
	}
	return err
}

// list reads the rest of a list.
func (s *bodyChecker) list(schema *huma.Schema) error {
	for s.dec.PeekKind() != jsontext.KindEndArray {
		if err := s.value(schema.Items); err != nil {
			return err
		}
	}
	_, err := s.dec.ReadToken()
	return err
}

func (s *bodyChecker) refuse(at jsontext.Pointer, message string) {
	if len(s.wrong) < maxFieldErrors {
		s.wrong = append(s.wrong, booking.FieldError{Field: fieldAt(at), Message: message})
	}
}

// expectedType says what a field of a Go type takes.
var expectedType = map[reflect.Kind]string{
	reflect.Int: "must be a whole number", reflect.Bool: "must be true or false", reflect.String: "must be a string",
	reflect.Slice: "must be a list", reflect.Struct: "must be an object",
}

// typeErrorMessage says what is wrong with a value.
func typeErrorMessage(e *json.SemanticError) string {
	switch kind := e.GoType.Kind(); {
	case errors.Is(e.Err, json.ErrUnknownName):
		return "is not a field here"
	case errors.Is(e.Err, strconv.ErrRange):
		return "is too large"
	case e.Err == nil || kind == reflect.Int:
		return expectedType[kind]
	default: // of a type that reads itself, in its own words
		return printable(e.Err.Error())
	}
}

// fieldAt is a place in a body as problems name it: requires[0].any_of[2].
func fieldAt(at jsontext.Pointer) (field string) {
	for token := range at.Tokens() {
		if _, err := strconv.Atoi(token); err == nil {
			field += "[" + token + "]"
		} else {
			field = strings.TrimPrefix(field+"."+printable(token), ".")
		}
	}
	return cmp.Or(field, "body")
}
