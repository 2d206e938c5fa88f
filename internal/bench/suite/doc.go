// Package suite runs the benchmarks one after the other, and writes what they showed into a document.
//
//	results, err := suite.Measure(ctx, suite.Options{Database: "postgres://...", Seconds: 10, Rounds: 3, Run: run})
//	text, err = results.Update(text)
//
// Each figure comes from one command line of `vacancy bench`, which runs in a process of its own and stands beside the figure. The
// loads that are compared alternate in rounds, so that a machine that is slower for a while is so for all of them; what is shown is
// the round in the middle, with the slowest and the fastest beside it.
//
// The document has a block for each part of the suite, between the lines "<!-- measured: NAME -->" and "<!-- end of NAME -->". The
// suite writes what is in the blocks, and people all the rest.
//
// It is a part of the vacancy program and not a command of its own: without suite and reference, the program was 0.7 % smaller.
//
// The package imports the reports of packages bench, reference and meter.
package suite
