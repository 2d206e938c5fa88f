// Package reference is what the figures of package bench are compared with: PostgreSQL as applications use it that keep bookings
// from overselling by a lock.
//
// [Run] has many clients book by one ordinary transaction each, every statement of which is a round trip, as with an object-relational
// mapper:
//
//	BEGIN
//	SELECT capacity, taken FROM slots WHERE venue = $1 AND start = $2 FOR UPDATE
//	INSERT INTO bookings ...
//	UPDATE slots SET taken = taken + 1 WHERE venue = $1 AND start = $2
//	COMMIT
//
// What would make such an application slower is left out, and favours the reference: there is no HTTP and no application server
// between, each client has a connection of its own with prepared statements, and nothing is written but the booking: no audit
// trail, no idempotency key, no index but the primary keys.
//
// The package also knows what every run on PostgreSQL needs: [Inspect] refuses a server that may lose what it has committed, and
// [NewSchema] makes a schema that is dropped at the end.
//
// It imports package meter and the driver.
package reference
