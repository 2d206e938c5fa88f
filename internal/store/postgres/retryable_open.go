package postgres

import (
	"context"
	"errors"
)

// errStandby refuses a server in recovery. It may be promoted.
var errStandby = &unfitError{"its server is a standby, which cannot be written to"}

// IsRetryableOpenError tells whether a database that could not be opened may be there later, without anybody changing a setting: it is not
// reached, starts or stops, is a standby, or has no room. A wrong password, a database that does not exist, a certificate that is not
// trusted, a schema that is too new or a setting that loses bookings stay as they are; err says what to do then.
func IsRetryableOpenError(err error) bool {
	if unfit, ok := errors.AsType[*unfitError](err); ok {
		return unfit == errStandby
	}
	switch state := sqlState(err); {
	case state == "":
		// The host may not have a name yet, as where containers start side by side. Who is not trusted is no error of the network.
		return lost(err) || errors.Is(err, context.DeadlineExceeded)
	case state == readOnlyTransaction, retryable(err): // a schema that must be brought up to date, on a server that is demoted
		return true
	default:
		switch state[:2] {
		// Connection, resources, an object's state, an operator's intervention (as "the database system is starting up"), the system, and
		// faults of the server itself.
		case "08", "53", "55", "57", "58", "XX":
			return true
		}
		return false
	}
}
