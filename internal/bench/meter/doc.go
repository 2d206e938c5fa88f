// Package meter measures: how long things take, and what processes of this machine use meanwhile. It is what the loads against a
// server and the reference share, so that their figures can be compared.
//
//	var h meter.Histogram
//	h.Add(time.Since(began))
//	fmt.Println(h.Summary().P99)
//
// The package imports the standard library only.
package meter
