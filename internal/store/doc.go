// Package store is the contract of storage. The interfaces are small, one for each kind of user; their comments are the contract,
// and package storetest is the suite that every store passes. It imports the domain only.
//
// The store decides nothing. It takes the venue row, hands the desk what is true under it, and writes what the desk decided, in
// one transaction:
//
//	err := s.Update(ctx, []store.Need{{Venue: "barber", Known: 41}}, func(found []store.Found) ([]store.Write, error) {
//		// decide on found[0], perhaps more than once
//		return []store.Write{{Change: change42, New: bookings}}, nil
//	})
package store
