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
	"trimmable": {selectTrimmable, []string{
		"using venues_pkey", "using changes_pkey", "on outbox_buses", "using outbox_cursors_pkey", "using audit_pkey",
	}},
	"sent": {selectSent, []string{"on outbox_buses", "using outbox_cursors_pkey on outbox_cursors"}},
	"unsent": {selectUnsent, []string{
		"using venues_pkey on venues", "using outbox_cursors_pkey on outbox_cursors", "Index Cond: ((bus = $1) AND (venue = v.id))",
	}},
	"cursors": {selectCursors, []string{
		"using outbox_cursors_pkey on outbox_cursors", "Index Cond: ((bus = $1) AND (venue = need.venue))",
	}},
	"move cursors": {moveCursors, []string{"using outbox_holders_pkey", "using outbox_leases_pkey"}},
	"keep leases":  {keepLeases, []string{"using outbox_buses_pkey", "using outbox_holders_pkey", "using outbox_leases_pkey"}},
	"lock bus":     {lockBus, []string{"using outbox_buses_pkey"}},
	"leases":       {deleteLeases, []string{"using outbox_leases_pkey", "using outbox_holders_pkey"}},
	"trim audit":   {deleteAudit, []string{"audit_pkey"}},
	"trim holds":   {deleteHolds, []string{"using bookings_ended_holds"}},
	"trim hidden":  {deleteHoldsOf, []string{"using bookings_", "using bookings_pkey", "using claims_pkey"}},
	"trim changes": {deleteChanges, []string{"using changes_pkey on changes"}},
	"checkpoint":   {selectCheckpoint, []string{"using checkpoints_pkey on checkpoints"}},
	"audit":        {inspectAudit, []string{"on audit"}},
	"all venues":   {inspectVenues, []string{"using venues_pkey on venues"}},
	"all changes":  {inspectChanges, []string{"using changes_pkey on changes"}},
	"all answers":  {inspectAnswers, []string{"using answers_pkey on answers"}},
	"outbox":       {selectOutbox, []string{"-> Index Scan Backward using outbox_log_pkey on outbox_log"}},
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

// TestQueryPlans asks how each query would be run, by a server that knows the tables as empty, by one on which they grow and that has not
// analysed them yet, and by one that knows that they are large: the same mode, by keys and indexes, never over a whole table or over all
// that a venue has, for each row or once, and without parallel workers.
func TestQueryPlans(t *testing.T) {
	t.Parallel()
	s := openAt(t, Config{URL: postgrestest.Shared(t).Schema(t)})
	for _, table := range []string{"venues", "changes", "bookings", "claims", "answers", "touched", "outbox_buses", "outbox_cursors"} {
		execute(t, s, `ALTER TABLE `+table+` SET (autovacuum_enabled = false)`)
	}
	for _, tables := range []string{"empty", "10", "100", "1000", "4000", "16000", "held", "large"} {
		switch tables {
		case "empty":
		case "held":
			execute(t, s, emptyTables)
			fill(t, s, 1, 1)
		case "large":
			fill(t, s, 2, 10)
			execute(t, s, `VACUUM (ANALYZE)`) //nolint:misspell // as SQL spells it
		default:
			grow(t, s, tables)
		}
		must(t, s.use(t.Context(), func(c *session) error {
			for name, plan := range plans {
				checkPlan(t, tables+" tables, "+name, explain(t, c.conn, plan.text), plan.want)
			}
			other := explain(t, c.conn, `SELECT id FROM bookings WHERE customer_name = $1`)
			if !wholeTable.MatchString(other) { // the test can fail
				t.Errorf("a query without an index: %s", other)
			}
			if tables == "4000" { // and without what keeps claims from being read for all of a venue
				_, err := c.conn.Exec(t.Context(), `SET enable_material = on`)
				must(t, err)
				if joined := explain(t, c.conn, joinedFreely); !wholeTable.MatchString(joined) {
					t.Errorf("a join that is left to the planner: %s", joined)
				}
				_, err = c.conn.Exec(t.Context(), `RESET enable_material`)
				must(t, err)
			}
			return nil
		}))
	}
}

// joinedFreely is how the bookings of a venue were read once. While the tables grew, and nobody had counted their rows, the planner kept
// all claims of the venue and went through them for each booking: what takes a second took minutes.
const joinedFreely = `
	SELECT b.id, b.customer_name, c.place FROM bookings b LEFT JOIN claims c ON c.venue = b.venue AND c.booking = b.id
	WHERE b.venue = $1 ORDER BY b.id, c.place`

//nolint:misspell // as the server spells it
var wholeTable = regexp.MustCompile(`Seq Scan|Hash Join|Merge Join|Bitmap|Gather|Materialize|Join Filter`)

// small are joins with what has few rows: the venues of one transaction, the leases of one bus, the clock, and the buses.
var small = regexp.MustCompile(`Join Filter: \(r\.id = n\.venue\)|Join Filter: .*\b(clock|share|mine)(_\d)?\b.*|Seq Scan on outbox_buses`)

func checkPlan(t *testing.T, name, plan string, want []string) {
	t.Helper()
	if found := wholeTable.FindString(small.ReplaceAllString(plan, "")); found != "" {
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

const emptyTables = `TRUNCATE venues, changes, bookings, claims, answers, touched, outbox_buses, outbox_cursors`

// grow has a venue with so many bookings, and all that belongs to them, of which the server has counted nothing.
func grow(t *testing.T, s *Store, bookings string) {
	t.Helper()
	execute(t, s,
		emptyTables,
		`INSERT INTO venues SELECT 'v', 10000, '', '', '', '', '', 1, false`,
		`INSERT INTO changes SELECT 'v', n, '', now(), '' FROM generate_series(1, `+bookings+` / 30) n`,
		`INSERT INTO bookings SELECT 'v', 'b' || n, 's', 'confirmed', now() + n * interval '1 min', now() + (n + 1) * interval '1 min', '', 1,
			NULL, 0, 'Ada Lovelace', 'ada@example.com', '', '', sha256(n::text::bytea), now(), 'now', n FROM generate_series(1, `+bookings+`) n`,
		`INSERT INTO claims SELECT venue, id, 0, 'r', start, "end", 1, true FROM bookings`,
		`INSERT INTO answers SELECT venue, token_hash, sha256(token_hash), '', start, revision FROM bookings`,
		`INSERT INTO touched SELECT 'v', 'x' || n, 1 FROM generate_series(1, 10) n`,
		`INSERT INTO outbox_buses SELECT 'bus' || n, now(), now() FROM generate_series(1, 3) n`,
		`INSERT INTO outbox_cursors SELECT name, 'v' || n, 1, 'e', n, '', NULL, '', 0 FROM outbox_buses, generate_series(1, `+bookings+`) n`,
	)
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
		`INSERT INTO outbox_buses SELECT 'bus' || v, now(), now() FROM `+venues,
		`INSERT INTO outbox_cursors SELECT 'bus' || v, 'v' || n, 1, 'e', n, '', NULL, '', 0 FROM `+venues+`, generate_series(1, 10000) n`,
	)
}
