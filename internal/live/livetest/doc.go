// Package livetest is what tests of live queries stand on: a store in memory whose venues change on demand ([Store]), nodes with a
// view and a hub over it ([Node]), and a reader that reduces frames as api/live.md says a client must ([Reader]).
//
//	s := livetest.NewStore(now)
//	s.CommitSettings(livetest.Barber())
//	node := livetest.NewNode(t, s)
//	change, err := s.Book("barber", "cut", "", start, 1)   // committed; no node knows of it yet
//	node.View.Apply(t.Context(), change)
package livetest
