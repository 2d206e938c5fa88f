// Package bustest is the conformance suite of package bus: what its comments promise, as tests that every bus passes unchanged, and
// mutants that prove the tests can fail.
//
//	func TestConformance(t *testing.T) {
//		bustest.Run(t, bustest.Harness{Start: startBroker, Open: openBus, Address: subject})
//	}
//
// The checks share one broker, since some take long to start; each uses venues of its own, and reaches the broker through a proxy of its
// own, which fails as networks do. Those that kill the broker, or count goroutines, are run alone after the others. [RunMutants] runs
// checks on buses that break the contract in one way each, and fails if one does not notice.
package bustest
