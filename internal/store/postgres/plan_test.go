package postgres

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/store/postgres/postgrestest"
)

// plans are the queries that run often or read much, with what must be in their plans: keys and indexes, in the order of the joins.
var plans = map[string]struct {
	text string
	want []string
}{
	"revisions": {selectCurrent, []string{"using venues_pkey on venues", "using changes_pkey on changes"}},
	"venue":     {selectVenue, []string{"using venues_pkey on venues"}},
	"batch":     {selectBatch, []string{"using changes_pkey on changes", "using venues_pkey on venues"}},
	"venues":    {selectVenues, []string{"using venues_pkey on venues"}},
	"resources": {selectResources, []string{"on resources"}},
	"touched":   {selectTouched, []string{"on touched"}},
	"services":  {selectServices, []string{"on services"}},
	"claims":    {selectClaims, []string{"claims_active"}},
	"changes":   {selectChanges, []string{"using changes_pkey on changes"}},
	"booking":   {selectBooking, []string{"using bookings_pkey on bookings", "using claims_pkey on claims"}},
	"listing": {selectPage, []string{
		"-> Limit -> Index Only Scan using bookings_by_start on bookings", "using bookings_pkey on bookings", "using claims_pkey on claims",
	}},
	"due venues": {selectDueVenues, []string{
		"using bookings_due on bookings", "-> Limit -> Index Only Scan using bookings_due on bookings",
	}},
	"by client":  {countByClient, []string{"Index Scan using bookings_by_client on bookings"}},
	"by contact": {countByContact, []string{"Index Only Scan using bookings_by_contact on bookings"}},
	"holds":      {sumHolds, []string{"Index Scan using bookings_held on bookings", "using claims_pkey on claims"}},
	"erase":      {eraseClientTags, []string{"using bookings_by_client on bookings"}},
	"ended": {hasEndedTagged, []string{
		"Index Only Scan using bookings_by_client on bookings", "Index Only Scan using bookings_by_contact on bookings",
	}},
	"erase ended":          {eraseEndedClients, []string{"using bookings_by_client on bookings"}},
	"erase ended contacts": {eraseEndedContacts, []string{"using bookings_by_contact on bookings"}},
	"uses":                 {selectUses, []string{"claims_active", "using bookings_pkey on bookings"}},
	"key":                  {selectKey, []string{"using keys_hash_key on keys"}},
	"sweep":                {deleteAnswers, []string{"using answers_by_age on answers"}},
	"lock":                 {lockVenues, []string{"using venues_pkey on venues"}},
	"state": {selectState, []string{
		"using venues_pkey on venues", "using changes_pkey on changes", "Index Cond: ((venue = v.id) AND (revision >",
	}},
	"due": {selectDue, []string{
		"using bookings_due_in_venue on bookings", "Index Cond: (((venue)::text = ANY ($1)) AND (expires_at <=", "using claims_pkey on claims",
	}},
	"needed":        {selectNeeded, []string{"using bookings_pkey on bookings", "using claims_pkey on claims"}},
	"answers":       {selectAnswers, []string{"using answers_pkey on answers"}},
	"raise":         {raiseVenues, []string{"using venues_pkey on venues"}},
	"update":        {updateBookings, []string{"using bookings_pkey on bookings"}},
	"update claims": {updateClaims, []string{"using claims_pkey on claims"}},
	"delete claims": {deleteClaims, []string{"using claims_pkey on claims"}},
	"every hold":    {everyHold, []string{"on bookings"}},
	"all bookings": {inspectBookings, []string{
		"using bookings_pkey on bookings", "using claims_pkey on claims", "Index Cond: ((venue = b.venue) AND (booking = b.id))",
	}},
	"all claims": {inspectActive, []string{"on claims"}},
	"trimmable":  {selectTrimmable, []string{"using venues_pkey", "using changes_pkey", "using audit_pkey"}},
	"trim audit": {deleteAudit, []string{"audit_pkey"}},
	"trim holds": {deleteHolds, []string{"using bookings_ended_holds"}},
	"audit":      {inspectAudit, []string{"on audit"}},
	"outbox":     {selectOutbox, []string{"-> Index Scan Backward using outbox_log_pkey on outbox_log"}},
	"orphans": {inspectOrphans, []string{
		"using answers_", "using bookings_", "using changes_pkey", "using claims_", "using resources_pkey",
		"using services_pkey", "using touched_pkey",
	}},
}

// everyHold is no query of the store, but one for which a server that may would start workers.
var everyHold = `
	SELECT ` + bookingColumns + ` FROM bookings b` + joinClaims + `
	WHERE b.status = 'held' AND b.expires_at <= $1 AND b.venue || '' = $2
	ORDER BY b.venue, b.expires_at, b.id, c.place`

// TestQueryPlans asks how each query would be run, by a server that knows the tables as empty, by one that knows nothing of what was just
// written into them, and by one that knows that they are large: the same mode, by keys and indexes, never over a whole table or over all
// that a venue has, and without parallel workers.
func TestQueryPlans(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	for _, tables := range []string{"empty", "new", "large"} {
		switch tables {
		case "new":
			fill(t, s, 1, 1)
		case "large":
			fill(t, s, 2, 10)
			execute(t, s, `VACUUM (ANALYZE)`) //nolint:misspell // as SQL spells it
		}
		must(t, s.use(t.Context(), func(c *session) error {
			for name, plan := range plans {
				checkPlan(t, tables+" tables, "+name, explain(t, c.conn, plan.text), plan.want)
			}
			other := explain(t, c.conn, `SELECT id FROM bookings WHERE customer_name = $1`)
			if !wholeTable.MatchString(other) { // the test can fail
				t.Errorf("a query without an index: %s", other)
			}
			return nil
		}))
	}
}

var wholeTable = regexp.MustCompile(`Seq Scan|Hash Join|Merge Join|Bitmap|Gather|Materialize`) //nolint:misspell // as PostgreSQL spells it

func checkPlan(t *testing.T, name, plan string, want []string) {
	t.Helper()
	if found := wholeTable.FindString(plan); found != "" {
		t.Errorf("%s: %s in its plan:\n%s", name, found, plan)
	}
	rest := strings.Join(strings.Fields(plan), " ")
	for _, part := range want {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Errorf("%s: no %q in its place in its plan:\n%s", name, part, plan)
			return
		}
		rest = after
	}
}

func explain(t *testing.T, conn *pgx.Conn, text string) string {
	t.Helper()
	_, err := conn.Exec(t.Context(), `PREPARE explained AS `+text)
	must(t, err)
	defer func() {
		_, err := conn.Exec(t.Context(), `DEALLOCATE explained`)
		must(t, err)
	}()
	var arguments string
	err = conn.QueryRow(t.Context(), `SELECT array_to_string(array_fill('NULL'::text, ARRAY[cardinality(parameter_types)]), ',')
		FROM pg_prepared_statements WHERE name = 'explained'`).Scan(&arguments)
	must(t, err)
	if arguments != "" {
		arguments = "(" + arguments + ")"
	}
	rows, err := conn.Query(t.Context(), `EXPLAIN (COSTS OFF) EXECUTE explained `+arguments, pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return strings.Join(lines, "\n")
}

// fill gives venues, numbered from the first to the last, ten thousand bookings each, most of them held, with all that belongs to them.
func fill(t *testing.T, s *Store, first, last int) {
	t.Helper()
	venues := fmt.Sprintf("generate_series(%d, %d) v", first, last)
	ofThem := fmt.Sprintf("WHERE substr(venue, 2)::int BETWEEN %d AND %d", first, last)
	execute(t, s,
		`INSERT INTO venues SELECT 'v' || v, 10000, '', '', '', '', '', 1, false FROM `+venues,
		`INSERT INTO changes SELECT 'v' || v, n, '', now(), '' FROM `+venues+`, generate_series(1, 1000) n`,
		`INSERT INTO bookings SELECT 'v' || v, 'b' || n, 's', CASE WHEN n % 10 < 7 THEN 'held' ELSE 'confirmed' END,
			now() + n * interval '1 min', now() + (n + 1) * interval '1 min', '', 1,
			CASE WHEN n % 10 < 7 THEN now() + n * interval '1 s' + v * interval '1 ms' END, 0, '', '', '', '',
			sha256(n::text::bytea), now(), 'now', n FROM `+venues+`, generate_series(1, 10000) n`,
		`INSERT INTO claims SELECT venue, id, 0, 'r', start, "end", 1, true FROM bookings `+ofThem,
		`INSERT INTO answers SELECT venue, token_hash, sha256(token_hash), '', start, revision FROM bookings `+ofThem,
		`INSERT INTO touched SELECT 'v' || v, 'x' || n, 1 FROM `+venues+`, generate_series(1, 100) n`,
	)
}
