package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/store"
)

// errClosed is what calls after Close get.
var errClosed = fmt.Errorf("%w: it was closed", store.ErrUnavailable)

// SQLSTATEs that mean something by themselves; the others are told apart by their class, the first two characters.
const (
	serializationFailure  = "40001"
	deadlockDetected      = "40P01"
	lockNotAvailable      = "55P03"
	plainWarning          = "01000"
	adminShutdown         = "57P01"
	readOnlyTransaction   = "25006"
	idleInTransaction     = "25P03"
	transactionTimeout    = "25P04"
	queryCanceled         = "57014"
	featureNotSupported   = "0A000"
	undefinedTable        = "42P01"
	undefinedFunction     = "42883"
	insufficientPrivilege = "42501"
	duplicateTable        = "42P07"
	duplicateObject       = "42710"
	uniqueViolation       = "23505"
	noSchema              = "3F000"
	noDatabase            = "3D000"
	wrongPassword         = "28P01"
	notAuthorized         = "28000"
)

// sqlState is the SQLSTATE of a server's error in err's chain, or "".
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// classify gives an error of the driver or the server the meaning that the contract knows. Others pass as they are, and so do errors
// of the caller's context.
func classify(err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrContended), errors.Is(err, store.ErrInDoubt),
		errors.Is(err, store.ErrRejected), errors.Is(err, store.ErrDamaged):
		return err
	case unavailable(err):
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case refusal(sqlState(err)):
		return fmt.Errorf("%w: %w", store.ErrRejected, err)
	}
	return err
}

// unavailable tells of failures that lie with the server, with the way to it, or with what this program may do there.
func unavailable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	state := sqlState(err)
	if state == "" {
		return lost(err)
	}
	switch state {
	case readOnlyTransaction, idleInTransaction, transactionTimeout, queryCanceled, noDatabase, insufficientPrivilege,
		serializationFailure, deadlockDetected, lockNotAvailable:
		return true // of those that may be tried again, only what was tried in vain to the end gets here
	}
	switch state[:2] {
	// Connection, authorization, resources, an object's state, an operator's intervention, the system, the configuration, and
	// faults of the server itself.
	case "08", "28", "53", "55", "57", "58", "F0", "XX":
		return true
	}
	return false
}

// refusal tells of SQLSTATEs that blame what is written.
func refusal(state string) bool {
	if state == "" {
		return false
	}
	switch state[:2] {
	case "22", "23", "44", "54": // data, constraints, checks, limits
		return true
	}
	return false
}

// lost tells of a connection that was cut or closed, other than by the caller's context.
func lost(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, pgconn.ErrConnClosed)
}

// retryable tells of failures of a transaction that may well succeed when it begins anew.
func retryable(err error) bool {
	switch sqlState(err) {
	case serializationFailure, deadlockDetected, lockNotAvailable:
		return true
	}
	return false
}
