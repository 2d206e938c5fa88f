// Package verify checks a database against itself. The history of each venue, its changes, is replayed from the first revision on,
// and must lead to exactly what the other tables hold: the catalogue, the bookings, the claims that take room. On the way each transition
// must be one that the rules allow, and no resource may ever be taken beyond its capacity.
//
//	report, err := verify.Verify(ctx, s, verify.Options{})
//	if err == nil && !report.Clean() {
//		fmt.Print(report)
//	}
//
// Of a venue of which old changes were deleted, the history begins at its checkpoint; see docs/adr/0008 for what can no longer be found
// then.
//
// Everything is read from one snapshot, so servers may go on meanwhile. It is read piece by piece: what is kept is the catalogue, and
// of one venue at a time what each booking has come to, some 200 bytes of each.
//
// The check shares with the server what a ledger is and which resources a change alters, and nothing else: neither the desk nor
// the view, whose mistakes it is there to find. It imports the contract of storage, the ledger and the domain.
package verify
