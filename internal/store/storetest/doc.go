// Package storetest is the conformance suite of package store: what its comments promise, as tests that every store passes
// unchanged, and mutants that prove the tests can fail.
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, storetest.Harness{Open: open, Reopen: reopen})
//	}
//
// Each check is run on an empty database of its own. [RunMutants] runs checks on stores that lack one guard each, and fails if one
// does not notice. [Fixture], [Draft] and the samples serve a store's other tests too. The suite imports the contract and the
// domain only.
package storetest
