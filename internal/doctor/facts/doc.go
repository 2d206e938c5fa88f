// Package facts is what `vacancy doctor` knows of an installation when it judges it: plain values, which collectors fill in and checks
// read. It is the contract between the two, and knows neither.
//
// A collector belongs to what it asks: a store knows how to look at its database, the application what its settings and its machine are.
// No fact is a secret: whatever is here may be printed.
package facts
