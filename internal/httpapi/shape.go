package httpapi

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
)

// shape is a Go type made ready to be read from JSON. It comes from the same struct tags as the type's schema, so the document and
// the server cannot disagree about which fields there are and which must be given.
type shape struct {
	kind   kind
	fields []field
	elem   *shape // of a list, and behind a pointer
}

type kind int

const (
	aText    kind = iota // a Go string
	aWord                // an encoding.TextUnmarshaler, written as a string
	aNumber              // an int
	aFlag                // a bool
	anObject             // a struct
	aList                // a slice
	aPointer             // a field that may be left out
)

// field is one field of a struct.
type field struct {
	name     string
	index    int
	required bool
	nullable bool
	shape    *shape
}

// maxFields is how many fields a struct can have: one bit of a word for each.
const maxFields = 64

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// shapeOf makes a type ready. It panics on one that no body is made of; routes are set up before anything is served.
func shapeOf(t reflect.Type) *shape {
	if t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(textUnmarshaler) {
		return &shape{kind: aWord}
	}
	switch t.Kind() {
	case reflect.String:
		return &shape{kind: aText}
	case reflect.Int:
		return &shape{kind: aNumber}
	case reflect.Bool:
		return &shape{kind: aFlag}
	case reflect.Slice:
		return &shape{kind: aList, elem: shapeOf(t.Elem())}
	case reflect.Pointer:
		return &shape{kind: aPointer, elem: shapeOf(t.Elem())}
	case reflect.Struct:
		s := &shape{kind: anObject}
		for f := range t.Fields() {
			s.fields = append(s.fields, fieldOf(f))
		}
		if len(s.fields) > maxFields {
			panic(fmt.Sprintf("%s has more than %d fields", t, maxFields))
		}
		return s
	default:
		panic(fmt.Sprintf("%s cannot be read from a body", t))
	}
}

// fieldOf reads a field's tags as huma does: json names it and, with omitempty or omitzero, makes it optional; required decides
// over that.
func fieldOf(f reflect.StructField) field {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	required := !strings.Contains(options, "omit")
	if tag, ok := f.Tag.Lookup("required"); ok {
		required = tag == "true"
	}
	return field{
		name: name, index: f.Index[0], required: required, nullable: f.Tag.Get("nullable") == "true", shape: shapeOf(f.Type),
	}
}

// find is the place of the field of that name, or -1. Names are few, and nearly always come in the order of the struct.
func (s *shape) find(name []byte, guess int) int {
	if guess < len(s.fields) && s.fields[guess].name == string(name) {
		return guess
	}
	for i := range s.fields {
		if s.fields[i].name == string(name) {
			return i
		}
	}
	return -1
}
