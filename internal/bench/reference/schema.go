package reference

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Schema is an empty schema of a run's own. A run that is killed leaves it behind: its name begins with "vacancy_bench_".
type Schema struct {
	// URL is the database's, with the schema as search_path: what is created without naming a schema is in it.
	URL string

	database, name string
}

// NewSchema makes a schema in the database at a URL, "postgres://...".
func NewSchema(ctx context.Context, database string) (*Schema, error) {
	address, err := url.Parse(database)
	if err != nil {
		return nil, err
	}
	s := &Schema{database: database, name: "vacancy_bench_" + strings.ToLower(rand.Text()[:12])}
	query := address.Query()
	query.Set("search_path", s.name)
	address.RawQuery = query.Encode()
	s.URL = address.String()
	if err := s.execute(ctx, "CREATE SCHEMA "+s.name); err != nil {
		return nil, fmt.Errorf("make a schema: %w", err)
	}
	return s, nil
}

// Drop removes the schema and all it holds. Connections that use it must be closed.
func (s *Schema) Drop(ctx context.Context) error {
	if err := s.execute(ctx, "DROP SCHEMA IF EXISTS "+s.name+" CASCADE"); err != nil {
		return fmt.Errorf("drop the schema %s: %w", s.name, err)
	}
	return nil
}

func (s *Schema) execute(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.database)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	_, err = conn.Exec(ctx, statement)
	return err
}
