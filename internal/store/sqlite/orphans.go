package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"vacancy/internal/booking"
)

// venueTables are those whose rows are a venue's, by name.
var venueTables = []string{
	"answer_keys", "answers", "audit", "bookings", "changes", "checkpoints", "claims", "resources", "services", "touched",
	"webhook_deliveries", "webhooks",
}

// selectStrays looks each venue of a table up once. Where no index begins with the venue, the table is read.
var selectStrays = func() string {
	parts := make([]string, len(venueTables))
	for i, table := range venueTables {
		parts[i] = `SELECT '` + table + `' AS name, venue FROM (SELECT DISTINCT venue FROM ` + table + `) of_table
			WHERE NOT EXISTS (SELECT 1 FROM venues v WHERE v.id = of_table.venue)`
	}
	return strings.Join(parts, " UNION ALL ") + " ORDER BY name, venue"
}()

// Orphans are the tables that have rows of a venue which has none itself.
func (s *snapshot) Orphans(ctx context.Context, visit func(venue booking.VenueID, table string) error) error {
	return s.read(ctx, func(ctx context.Context) error {
		return s.each(ctx, func(rows *sql.Rows) error {
			var table string
			var venue booking.VenueID
			if err := rows.Scan(&table, &venue); err != nil {
				return err
			}
			return visit(venue, table)
		}, selectStrays)
	})
}
