package store

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Damaged is the [ErrDamaged] of a JSON value that cannot be decoded for the cause. The format says where it is. What the value holds
// may be of a customer, and is not told, but for a character that should not be there.
func Damaged(cause error, format string, args ...any) error {
	where := fmt.Sprintf(format, args...)
	if syntax, ok := errors.AsType[*json.SyntaxError](cause); ok {
		return fmt.Errorf("%s: %w: %w", where, ErrDamaged, syntax)
	}
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](cause); ok {
		return fmt.Errorf("%s: %w: byte %d is of another type", where, ErrDamaged, mistyped.Offset)
	}
	return fmt.Errorf("%s: %w", where, ErrDamaged)
}
