// Package memory is a store for tests: plain maps, no disk, and a clock of the test's own. It passes the suite of package storetest,
// so that what is found with it is found in the rooms above the store. It imports store and booking.
//
//	data := memory.NewData()
//	s := memory.Open(memory.Config{Data: data, Now: clock.Now})
//	...
//	s.Close()
//	s = memory.Open(memory.Config{Data: data, Now: clock.Now}) // finds everything
//
// A venue's state is one value that is never changed, only replaced by its successor: whoever has read one may go on with it, and a
// transaction holds if the states that it read are still the venues' own. The price is a copy of the venue's maps for each change.
package memory
