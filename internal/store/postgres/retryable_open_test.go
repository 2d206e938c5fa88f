package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"vacancy/internal/store"
)

// What may mend itself is waited for, and what stays as it is ends a start: by SQLSTATE, and by the kind of error where there is none.
func TestRetryableOpenErrors(t *testing.T) {
	t.Parallel()
	state := func(code string) error { return &pgconn.PgError{Code: code} }
	for name, test := range map[string]struct {
		err  error
		want bool
	}{
		"refused":                    {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		"no such host":               {&net.DNSError{IsNotFound: true}, true},
		"cut":                        {io.ErrUnexpectedEOF, true},
		"too slow":                   {context.DeadlineExceeded, true},
		"it starts":                  {state("57P03"), true},
		"it shuts down":              {state("57P01"), true},
		"too many connections":       {state("53300"), true},
		"disk full":                  {state("53100"), true},
		"a pooler without a server":  {state("08P01"), true},
		"read-only":                  {state("25006"), true},
		"a row is locked":            {state("55P03"), true},
		"a lost race":                {state("40001"), true},
		"an internal error":          {state("XX000"), true},
		"a standby":                  {errStandby, true},
		"the disk fails":             {state("58030"), true},
		"wrong password":             {state("28P01"), false},
		"not in pg_hba.conf":         {state("28000"), false},
		"unknown database":           {state("3D000"), false},
		"no schema":                  {state("3F000"), false},
		"no right":                   {state("42501"), false},
		"a table is there already":   {state("42P07"), false},
		"unsafe":                     {&unfitError{"fsync = off"}, false},
		"a newer schema":             {store.NewerSchema(9, 8, 7, 6), false},
		"a stranger's certificate":   {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, false},
		"a URL that cannot be read":  {errURL, false},
		"an error that nobody knows": {errors.New("?"), false},
	} {
		for _, err := range []error{test.err, fmt.Errorf("%w: %w", store.ErrUnavailable, &sentence{"it says", test.err})} {
			if IsRetryableOpenError(err) != test.want {
				t.Errorf("%s: %v is waited for: %v", name, err, !test.want)
			}
		}
	}
}
