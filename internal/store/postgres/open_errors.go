package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// What is wrong when a database is opened is said in one sentence, to the operator. Whatever was typed into the URL, the password
// must not be in it: such sentences end in logs.

var errURL = errors.New("the URL of the database cannot be read: it should look like postgres://user@host/database; characters of " +
	"a password such as / @ : # ? % are written as %2F %40 %3A %23 %3F %25")

// explainURL says what is wrong with the parameters of a URL that could be taken apart.
func explainURL(err error, u *url.URL) error {
	text := err.Error()
	if at := strings.LastIndex(text, "`: "); at >= 0 { // what follows the URL
		text = text[at+len("`: "):]
	}
	secrets := []string{u.Query().Get("password"), u.Query().Get("sslpassword"), u.User.String(), u.RawQuery}
	if password, ok := u.User.Password(); ok {
		secrets = append(secrets, password)
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(text, secret) {
			return errURL
		}
	}
	u.RawQuery = "" // it may hold a password, too
	return fmt.Errorf("the URL of the database %s cannot be used: %s", u.Redacted(), text)
}

// sentence says what an error means, and is that error too.
type sentence struct {
	text  string
	cause error
}

func (s *sentence) Error() string { return s.text }
func (s *sentence) Unwrap() error { return s.cause }

// explain says why the database could not be opened.
func (c *connector) explain(err error) error {
	if text := c.reason(err); text != "" {
		return &sentence{text: text, cause: err}
	}
	return err
}

func (c *connector) reason(err error) string {
	if unfit, ok := errors.AsType[*unfitError](err); ok {
		return unfit.reason
	}
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return c.refusalReason(refused)
	}
	if failed, ok := errors.AsType[*net.DNSError](err); ok {
		return "it cannot be reached: " + failed.Error()
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		return "it cannot be reached: " + failed.Error()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "it did not answer in time"
	}
	if failed, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return "it cannot be reached: " + strings.Join(strings.Fields(failed.Unwrap().Error()), " ")
	}
	return ""
}

func (c *connector) refusalReason(refused *pgconn.PgError) string {
	conn := c.pool.ConnConfig
	switch refused.Code {
	case wrongPassword:
		return fmt.Sprintf("its server refuses the password of user %q", conn.User)
	case notAuthorized:
		return fmt.Sprintf("its server refuses user %q: %s", conn.User, refused.Message)
	case noDatabase:
		return fmt.Sprintf("its server has no database %q", conn.Database)
	case noSchema:
		return fmt.Sprintf("user %q has no schema there to create tables in: %s", conn.User, refused.Message)
	case insufficientPrivilege:
		return fmt.Sprintf("user %q lacks a right there: %s", conn.User, refused.Message)
	case readOnlyTransaction:
		return "its schema must be brought up to date, and it cannot be written to now"
	}
	return fmt.Sprintf("its server says: %s (SQLSTATE %s)", refused.Message, refused.Code)
}
