package venuefile

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decoder fills the client's structs from YAML by their json tags, so that a file has the API's fields and no list of its own.
// Unlike a detour over JSON it knows the line of everything, and it keeps texts as they are written: an amount of 25.00 is "25.00".
type decoder struct {
	file  string
	lines map[string]int // where each field stands
	// blank are fields that stand in the file with nothing behind them: as if they were not there, but for their line.
	blank map[string]bool
	errs  []error
	left  int // how many more nodes may be read; aliases of aliases can stand for any number
}

func newDecoder(file string, most int) *decoder {
	return &decoder{file: file, lines: make(map[string]int), blank: make(map[string]bool), left: most}
}

func (d *decoder) err() error { return errors.Join(d.errs...) }

// decode fills what target points to.
func (d *decoder) decode(node *yaml.Node, target any) {
	d.value(node, "", reflect.ValueOf(target).Elem())
}

func (d *decoder) errorf(node *yaml.Node, format string, args ...any) {
	d.errs = append(d.errs, &FileError{d.file, node.Line, fmt.Sprintf(format, args...)})
}

// value fills v, which is the field at path.
func (d *decoder) value(node *yaml.Node, path string, v reflect.Value) {
	if d.left--; d.left < 0 {
		if d.left == -1 {
			d.errorf(node, "the file is too large")
		}
		return
	}
	if _, ok := d.lines[path]; !ok {
		d.lines[path] = node.Line
	}
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Tag == "!!null" {
		d.blank[path] = true
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(node, path, v.Elem())
	case reflect.Struct:
		d.object(node, path, v)
	case reflect.Map:
		d.dictionary(node, path, v)
	case reflect.Slice:
		d.list(node, path, v)
	default:
		d.scalar(node, path, v)
	}
}

func (d *decoder) object(node *yaml.Node, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	for key, value := range d.pairs(node, path, map[string]bool{}, 0) {
		if i, ok := fields[key.Value]; ok {
			d.value(value, join(path, key.Value), v.Field(i))
		} else {
			d.errorf(key, "unknown field %s", join(path, key.Value))
		}
	}
}

func (d *decoder) dictionary(node *yaml.Node, path string, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range d.pairs(node, path, map[string]bool{}, 0) {
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(value, join(path, key.Value), element)
		v.SetMapIndex(reflect.ValueOf(key.Value), element)
	}
}

func (d *decoder) list(node *yaml.Node, path string, v reflect.Value) {
	if node.Kind != yaml.SequenceNode {
		d.errorf(node, "%s must be a list", path)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(node.Content), len(node.Content)))
	for i, element := range node.Content {
		d.value(element, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
	}
}

// scalar takes any single value as a text, and what is written as a number or a truth as that.
func (d *decoder) scalar(node *yaml.Node, path string, v reflect.Value) {
	if node.Kind != yaml.ScalarNode {
		d.errorf(node, "%s must be a single value", path)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(node.Value)
	case reflect.Int:
		n, err := strconv.Atoi(node.Value)
		if err != nil || node.Tag != "!!int" {
			d.errorf(node, "%s must be a whole number", path)
			return
		}
		if n == 0 && zeroIsNothing[lastName(path)] {
			d.errorf(node, "%s must be 1 or more; leave it out for the usual", path)
			return
		}
		v.SetInt(int64(n))
	case reflect.Bool:
		if node.Tag != "!!bool" {
			d.errorf(node, "%s must be true or false", path)
			return
		}
		v.SetBool(strings.EqualFold(node.Value, "true"))
	default:
		d.errorf(node, "%s cannot be set", path)
	}
}

// zeroIsNothing are the numbers that the client leaves out when they are 0, and for which the server puts another one then. A file
// that says 0 means it, and 0 is none of their values.
var zeroIsNothing = map[string]bool{
	"step_minutes": true, "horizon_days": true, "hold_minutes": true, "units": true,
	"holds_per_client": true, "bookings_per_client": true, "bookings_per_contact": true,
}

// lastName is the field that a path ends with.
func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// pairs yields the keys and values of a mapping, then those that a merge key ("<<") adds to it.
func (d *decoder) pairs(node *yaml.Node, path string, seen map[string]bool, merges int) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if merges > maxMerges {
			d.errorf(node, "%s merges too many mappings", path)
			return
		}
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		if node.Kind != yaml.MappingNode {
			d.errorf(node, "%s must be a mapping of fields to values", cmp.Or(path, "the file"))
			return
		}
		var merged []*yaml.Node
		own := make(map[string]bool)
		for pair := range slices.Chunk(node.Content, 2) {
			key, value := pair[0], pair[1]
			switch {
			case key.Tag == "!!merge":
				merged = append(merged, value)
			case own[key.Value]:
				d.errorf(key, "%s is given twice", join(path, key.Value))
			case seen[key.Value]: // a merged value yields to the one written here
			default:
				own[key.Value], seen[key.Value] = true, true
				if !yield(key, value) {
					return
				}
			}
		}
		for _, value := range merged {
			for key, value := range d.pairs(value, path, seen, merges+1) {
				if !yield(key, value) {
					return
				}
			}
		}
	}
}

// fieldsOf are the fields of a struct by their names in the API. What the server alone says, a file cannot set.
func fieldsOf(t reflect.Type) map[string]int {
	fields := make(map[string]int, t.NumField())
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "revision" && name != "warnings" && !strings.HasSuffix(name, "bookings_outside") {
			fields[name] = i
		}
	}
	return fields
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
