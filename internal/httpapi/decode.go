package httpapi

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"

	"vacancy/internal/booking"
)

const (
	// maxFieldErrors bounds how many wrong fields are listed at once.
	maxFieldErrors = 20
	// maxNameShown bounds how much of an unknown name is repeated to who sent it.
	maxNameShown = 64
	// maxWord bounds texts that have a form, such as dates.
	maxWord = 64
)

// decode reads a body into a value. The first error is that of the whole: no UTF-8, too deep, no JSON, no object. Then all fields
// that are unknown, missing, given twice or of the wrong type are named at once.
//
// encoding/json is used for what it does well, but not for the fields: it takes names in any case, the last of two, and null for
// everything; it stops at the first mistake, and does not say where in a list it was.
func decode(data []byte, s *shape, into reflect.Value) error {
	if err := legible(data); err != nil {
		return err
	}
	d := decoder{data: data}
	d.space()
	if d.data[d.at] != '{' {
		return malformed("body", "must be a JSON object")
	}
	d.value(s, into)
	if len(d.wrong) > 0 {
		return &booking.Invalid{Fields: d.wrong}
	}
	return nil
}

// decoder goes through a JSON text that is known to be valid.
type decoder struct {
	data  []byte
	at    int
	path  []byte
	wrong []booking.FieldError
}

// refuse notes that the value at the path is wrong.
func (d *decoder) refuse(message string) {
	if len(d.wrong) < maxFieldErrors {
		d.wrong = append(d.wrong, booking.FieldError{Field: string(d.path), Message: message})
	}
}

// enter puts one more name on the path, and returns how long the path was. leave takes it back to that.
func (d *decoder) enter(name string) int {
	before := len(d.path)
	if before > 0 {
		d.path = append(d.path, '.')
	}
	d.path = append(d.path, name...)
	return before
}

func (d *decoder) leave(before int) { d.path = d.path[:before] }

// value reads the value at hand into v, or notes that it is of the wrong type and passes over it.
func (d *decoder) value(s *shape, v reflect.Value) {
	switch c := d.data[d.at]; {
	case s.kind == aPointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(s.elem, v.Elem())
	case s.kind == anObject && c == '{':
		d.object(s, v)
	case s.kind == aList && c == '[':
		d.list(s.elem, v)
	case (s.kind == aText || s.kind == aWord) && c == '"':
		d.text(s, v)
	case s.kind == aFlag && (c == 't' || c == 'f'):
		v.SetBool(c == 't')
		d.skip()
	case s.kind == aNumber && (c == '-' || c >= '0' && c <= '9'):
		d.number(v)
	default:
		d.refuse(s.kind.wanted())
		d.skip()
	}
}

func (k kind) wanted() string {
	switch k {
	case aNumber:
		return "must be a whole number"
	case aFlag:
		return "must be true or false"
	case anObject:
		return "must be an object"
	case aList:
		return "must be a list"
	default:
		return "must be a string"
	}
}

func (d *decoder) object(s *shape, v reflect.Value) {
	var given uint64
	for next := 0; d.member('}'); next++ {
		name := d.name()
		i := s.find(name, next)
		if i < 0 {
			before := d.enter(printable(string(name)))
			d.refuse("is not a field here")
			d.skip()
			d.leave(before)
			continue
		}
		before := d.enter(s.fields[i].name)
		d.field(&s.fields[i], v, given&(1<<i) != 0)
		d.leave(before)
		given |= 1 << i
		next = i
	}
	for i := range s.fields {
		if s.fields[i].required && given&(1<<i) == 0 {
			before := d.enter(s.fields[i].name)
			d.refuse("is required")
			d.leave(before)
		}
	}
}

func (d *decoder) field(f *field, object reflect.Value, again bool) {
	switch {
	case again:
		d.refuse("is given twice")
		d.skip()
	case f.nullable && d.data[d.at] == 'n':
		d.skip()
	default:
		d.value(f.shape, object.Field(f.index))
	}
}

func (d *decoder) list(elem *shape, v reflect.Value) {
	before := len(d.path)
	items := reflect.MakeSlice(v.Type(), 0, 0)
	for i := 0; d.member(']'); i++ {
		d.path = append(strconv.AppendInt(append(d.path, '['), int64(i), 10), ']')
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(elem, item)
		items = reflect.Append(items, item)
		d.leave(before)
	}
	v.Set(items)
}

func (d *decoder) text(s *shape, v reflect.Value) {
	text, ok := d.unquote()
	switch {
	case !ok:
		d.refuse("must not hold half of a surrogate pair")
	case s.kind == aText:
		v.SetString(text)
	case len(text) > maxWord:
		d.refuse("is too long")
	default:
		word, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr())
		if !ok {
			panic("a shape says of a type that it is a word, and it is none")
		}
		if err := word.UnmarshalText([]byte(text)); err != nil {
			d.refuse(err.Error())
		}
	}
}

func (d *decoder) number(v reflect.Value) {
	literal := d.literal()
	n, err := strconv.Atoi(literal)
	switch {
	case err == nil:
		v.SetInt(int64(n))
	case strings.ContainsAny(literal, ".eE"):
		d.refuse("must be a whole number")
	default:
		d.refuse("is too large")
	}
}

// printable is a name that somebody sent, fit to be repeated.
func printable(name string) string {
	if len(name) > maxNameShown {
		name = name[:maxNameShown] + "..."
	}
	return strings.ToValidUTF8(name, "?")
}
