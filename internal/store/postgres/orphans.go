package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
)

// venueTables are those whose rows are a venue's, by name.
var venueTables = []string{
	"answers", "audit", "bookings", "changes", "checkpoints", "claims", "resources", "services", "touched", "webhook_deliveries", "webhooks",
}

// inspectOrphans looks each venue of a table up once. The names of tables are in an order of their own: in some languages "changes" comes
// after "claims".
var inspectOrphans = func() string {
	parts := make([]string, len(venueTables))
	for i, table := range venueTables {
		parts[i] = `SELECT '` + table + `'::text COLLATE "C" AS name, venue FROM (SELECT DISTINCT venue FROM ` + table + `) of_table
			WHERE NOT EXISTS (SELECT FROM venues v WHERE v.id = of_table.venue)`
	}
	return strings.Join(parts, " UNION ALL ") + " ORDER BY name, venue"
}()

// Orphans are the tables that have rows of a venue which has none itself.
func (s *snapshot) Orphans(ctx context.Context, visit func(venue booking.VenueID, table string) error) error {
	return s.each(ctx, func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			var table string
			var venue booking.VenueID
			if err := rows.Scan(&table, &venue); err != nil {
				return err
			}
			if err := visit(venue, table); err != nil {
				return err
			}
		}
		return rows.Err()
	}, inspectOrphans)
}
