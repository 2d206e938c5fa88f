package sqlite

import (
	"database/sql"
	"regexp"
	"strings"
	"testing"
)

// TestQueryPlans asks SQLite how it would run each query that runs often or reads much: by keys and indexes, and never over a whole
// table. Lists that come as JSON, the page that a listing has cut already, the few buses, and what a query has found itself are walked as
// a whole.
func TestQueryPlans(t *testing.T) {
	t.Parallel()
	walked := regexp.MustCompile(`^SCAN (need|page|all_ids|a VIRTUAL|json_each|b$|\(subquery)`)
	s, _ := onDisk(t)
	for name, c := range map[string]struct {
		text string
		args int
		want []string
	}{
		"revisions": {selectRevisions, 1, []string{
			"SEARCH v USING PRIMARY KEY (id=?)", "SEARCH c USING INDEX sqlite_autoindex_changes_1 (venue=? AND revision=?)",
		}},
		"state": {selectState, 1, []string{
			"SEARCH v USING PRIMARY KEY (id=?)", "SEARCH c USING INDEX sqlite_autoindex_changes_1 (venue=? AND revision=?)",
		}},
		"batch": {selectBatch, 2, []string{"SEARCH changes USING INDEX sqlite_autoindex_changes_1 (venue=? AND revision=?)"}},
		"due": {selectDue, 2, []string{
			"SEARCH b USING INDEX bookings_due (expires_at<?)", "SEARCH c USING PRIMARY KEY (booking=? AND venue=?)",
		}},
		"needed bookings": {selectNeeded, 1, []string{"SEARCH b USING INDEX sqlite_autoindex_bookings_1 (id=? AND venue=?)"}},
		"answer":          {selectAnswer, 1, []string{"SEARCH answers USING INTEGER PRIMARY KEY (rowid=?)"}},
		"changes":         {selectChanges, 3, []string{"SEARCH changes USING INDEX sqlite_autoindex_changes_1 (venue=? AND revision>?)"}},
		"uses":            {selectUses, 7, []string{"SEARCH c USING COVERING INDEX claims_active (venue=? AND end>?)"}},
		"by client": {countByClient, 3, []string{
			"SEARCH bookings USING INDEX bookings_by_client (venue=? AND client_tag>? AND client_tag<?)",
		}},
		"by contact": {countByContact, 2, []string{
			"SEARCH b USING COVERING INDEX bookings_by_contact (venue=? AND contact_tag=? AND end>?)",
		}},
		"holds": {sumHolds, 1, []string{
			"SEARCH b USING INDEX bookings_held (venue=? AND service=? AND start>? AND start<?)",
			"SEARCH c USING PRIMARY KEY (booking=? AND venue=?)",
		}},
		"raise":         {raise, 1, []string{"SEARCH venues USING PRIMARY KEY (id=?)"}},
		"update":        {updateBooking, 20, []string{"SEARCH bookings USING INDEX sqlite_autoindex_bookings_1 (id=? AND venue=?)"}},
		"delete claims": {deleteClaims, 3, []string{"SEARCH claims USING PRIMARY KEY (booking=? AND venue=? AND place>?)"}},
		"claims":        {selectClaims, 2, []string{"SEARCH claims USING COVERING INDEX claims_active (venue=? AND end>?)"}},
		"resources":     {selectResources, 1, []string{"SEARCH resources USING INDEX sqlite_autoindex_resources_1 (venue=?)"}},
		"services":      {selectServices, 1, []string{"SEARCH services USING INDEX sqlite_autoindex_services_1 (venue=?)"}},
		"venues":        {selectVenues, 2, []string{"SEARCH venues USING PRIMARY KEY (id>?)"}},
		"booking":       {selectBooking, 2, []string{"SEARCH b USING INDEX sqlite_autoindex_bookings_1 (id=? AND venue=?)"}},
		"listing": {selectPage, 7, []string{
			"SEARCH bookings USING COVERING INDEX bookings_by_start (venue=? AND (start,id)>(?,?) AND start<?)",
		}},
		"due venues": {selectDueVenues, 2, []string{"SEARCH bookings USING COVERING INDEX bookings_due (expires_at<?)"}},
		"next due":   {selectNextDue, 1, []string{"SEARCH bookings USING COVERING INDEX bookings_due (expires_at>?)"}},
		"key":        {selectKey, 1, []string{"SEARCH keys USING INDEX sqlite_autoindex_keys_2 (hash=?)"}},
		"sweep":      {selectOldKeys, 2, []string{"SEARCH answer_keys USING INDEX answer_keys_by_age (created_at<?)"}},
		"trim holds": {selectOldHolds, 2, []string{"SEARCH bookings USING INDEX bookings_ended_holds (updated_at<?)"}},
		"trim": {selectTrimmable, 7, []string{
			"SEARCH v USING PRIMARY KEY (id>?)", "SEARCH c USING INDEX sqlite_autoindex_changes_1 (venue=?)",
			"SEARCH k USING PRIMARY KEY (bus=? AND venue=?)", "SEARCH a USING PRIMARY KEY (venue=?)",
		}},
		"sent": {selectSent, 2, []string{"SEARCH k USING PRIMARY KEY (bus=? AND venue=?)"}},
		"unsent": {selectUnsent, 6, []string{
			"SEARCH v USING PRIMARY KEY (id>?)", "SEARCH c USING PRIMARY KEY (bus=? AND venue=?)",
		}},
		"cursors":          {selectCursors, 2, []string{"SEARCH c USING PRIMARY KEY (bus=? AND venue=?)"}},
		"trim changes":     {deleteChanges, 2, []string{"SEARCH changes USING INDEX sqlite_autoindex_changes_1 (venue=? AND revision<?)"}},
		"trim audit":       {deleteAudit, 2, []string{"SEARCH audit USING PRIMARY KEY (venue=? AND revision<?)"}},
		"oldest audit":     {selectOldestAudit, 2, []string{"SEARCH audit USING PRIMARY KEY (venue=?)"}},
		"sweep of a group": {selectTogether, 2, []string{"SEARCH answers USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"}},
		"every booking": {selectEveryBooking, 1, []string{
			"SEARCH bookings USING COVERING INDEX bookings_by_start (venue=?)", "USE TEMP B-TREE FOR LAST TERM OF ORDER BY",
		}},
		"every claim": {selectEveryActive, 1, []string{"SEARCH claims USING COVERING INDEX claims_active (venue=?)"}},
	} {
		plan := planOf(t, s, c.text, c.args)
		for _, line := range plan {
			if strings.HasPrefix(line, "SCAN") && !walked.MatchString(line) {
				t.Errorf("%s: %s", name, line)
			}
		}
		for _, want := range c.want {
			if !strings.Contains(strings.Join(plan, "\n"), want) {
				t.Errorf("%s: no %q in its plan:\n%s", name, want, strings.Join(plan, "\n"))
			}
		}
	}
	for _, line := range planOf(t, s, `SELECT id FROM bookings WHERE customer_name = ?`, 1) { // the test can fail
		if !strings.HasPrefix(line, "SCAN bookings") {
			t.Errorf("a query without an index: %s", line)
		}
	}
}

func planOf(t *testing.T, s *Store, text string, args int) (plan []string) {
	t.Helper()
	values := make([]any, args)
	for i := range values {
		values[i] = "[]"
	}
	must(t, s.read(t.Context(), func(c *connection) error {
		return c.each(t.Context(), func(rows *sql.Rows) error {
			var id, parent, unused int
			var detail string
			err := rows.Scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail)
			return err
		}, "EXPLAIN QUERY PLAN "+text, values...)
	}))
	return plan
}
