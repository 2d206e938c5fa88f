package telemetry

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Buckets are the upper bounds of a histogram's buckets, and why they are these.
type Buckets struct {
	Bounds []float64
	Reason string
}

// answerTimes are for requests. The objectives are among the bounds, so that the share of requests within one is exact.
var answerTimes = Buckets{
	[]float64{.001, .0025, .005, .01, .025, .05, .1, .2, .5, 1, 2.5, 5, 10},
	"an answer from memory takes less than 1 ms, a booking some 5 to 50 ms, a hot slot's p99 is to be below 50 ms; reads are to be answered " +
		"within 200 ms whatever the database does, and everything within 10 s, when callers are told that the outcome is unknown",
}

// transactionTimes are for transactions, whose floor is the disk's flush.
var transactionTimes = Buckets{
	prometheus.ExponentialBuckets(0.0005, 2, 15),
	"a flush takes 0.1 to 10 ms; a transaction is given up after 8.2 s at most (4 s for the commit, twice that with halving), and doubling " +
		"bounds tell both apart within a factor of two",
}

// batchSizes are for the commands of a transaction: up to 512 of one venue.
var batchSizes = Buckets{
	prometheus.ExponentialBuckets(1, 2, 11), "a lone command is 1; 512 of one venue are the most, and several venues share a transaction",
}

// updateTimes are for updates on their way to readers.
var updateTimes = Buckets{
	slices.Concat([]float64{.001, .0025, .005, .01, .025, .05, .075, .1, .15, .25, .5, 1, 2.5, 5, 10, 60}),
	"changes are merged for 50 ms, so most lie below 75 ms; 150 ms is the budget of p99 with 2,000 readers, 1 s the objective, 10 s when a " +
		"reader that takes nothing is closed, 60 s when a frame is given up",
}

// eventTimes are for events on their way to a bus.
var eventTimes = Buckets{
	[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 3600},
	"a broker near by confirms within 5 to 50 ms; another server takes over within 5 s; a broker may be away for minutes or hours",
}

// webhookTimes are for attempts of webhooks.
var webhookTimes = Buckets{
	[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	"a receiver is a network away and does some work; it is given 5 s",
}

// probeTimes are for the probe's rounds: a hold and a cancellation.
var probeTimes = Buckets{
	[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
	"two commits on a quiet server take 5 to 50 ms; the probe gives up after 10 s",
}
