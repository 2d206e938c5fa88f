package booking

import (
	"fmt"
	"strings"
)

// FieldError says what is wrong with one field. Field is its path in the API's words: "hours.mon[1]", "party_size.max".
type FieldError struct {
	Field   string
	Message string
}

// Invalid is input that breaks a rule of the domain. It names every field that is wrong, not only the first.
type Invalid struct {
	Fields []FieldError
}

// NewInvalid makes an Invalid of a single field.
func NewInvalid(field, format string, args ...any) *Invalid {
	return &Invalid{Fields: []FieldError{{Field: field, Message: fmt.Sprintf(format, args...)}}}
}

func (e *Invalid) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + ": " + f.Message
	}
	return strings.Join(parts, "; ")
}
