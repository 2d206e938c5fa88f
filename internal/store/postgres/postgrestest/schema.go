package postgrestest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// dropTimeout is how long a schema may take to be dropped. What the test left open, a transaction for example, holds it back.
const dropTimeout = 30 * time.Second

// Schema makes an empty schema for this test and returns the server's URL with the schema as search_path: whatever is created and
// asked for without naming a schema is in it. It is dropped with all it holds when the test ends, after the test's own later
// cleanups, which are to close their connections.
func (s *Server) Schema(tb testing.TB) string {
	tb.Helper()
	name := "t_" + strings.ToLower(rand.Text())
	if err := s.execute(tb.Context(), "CREATE SCHEMA "+name); err != nil {
		tb.Fatalf("make a schema: %v", err)
	}
	tb.Cleanup(func() {
		if !s.isRunning() {
			return // it goes with its server
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), dropTimeout)
		defer cancel()
		if err := s.execute(ctx, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			tb.Errorf("drop the test's schema (is a transaction still open?): %v", err)
		}
	})
	return s.withSearchPath(tb, name)
}

func (s *Server) withSearchPath(tb testing.TB, schema string) string {
	tb.Helper()
	address, err := url.Parse(s.url)
	if err != nil {
		tb.Fatal(err)
	}
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	return address.String()
}

// execute runs one statement on a connection of its own.
func (s *Server) execute(ctx context.Context, statement string) error {
	connection, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return err
	}
	_, err = connection.Exec(ctx, statement)
	if closed := connection.Close(ctx); err == nil && closed != nil {
		return fmt.Errorf("close the connection: %w", closed)
	}
	return err
}
