package live_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live"
	"vacancy/internal/live/livetest"
	"vacancy/internal/live/wire"
)

// quiet is a moment when nothing passes: a Saturday in Berlin, 01:00.
func quiet() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// puller is a reader without a connection: a worker that pulls when it is woken.
type puller struct {
	worker live.Worker
	sub    *live.Subscription
	bytes  int
	frames *atomic.Int64
	done   chan<- struct{}
	all    int64
}

func (p *puller) Wake() { p.worker.Trigger() }

func (p *puller) pull() {
	for f := p.sub.Next(); f != nil; f = p.sub.Next() {
		p.bytes += len(wire.EventStream(f))
		if p.frames.Add(1)%p.all == 0 {
			p.done <- struct{}{}
		}
	}
}

// What a change costs for each of 5,000 readers, but for the write: from the change to the last reader's frame.
func BenchmarkPublish(b *testing.B) {
	const readers = 5000
	s := livetest.NewStore(quiet)
	s.CommitSettings(livetest.Ferry())
	n := livetest.NewNode(b, s)
	var frames atomic.Int64
	done := make(chan struct{}, 1)
	for range readers {
		p := &puller{frames: &frames, done: done, all: readers}
		var err error
		if p.sub, err = n.Hub.Subscribe(context.Background(), trips(2, 8, 1), "", live.Unlimited{}, p); err != nil {
			b.Fatal(err)
		}
		p.worker.Work = p.pull
		b.Cleanup(p.sub.Close)
		b.Cleanup(p.worker.Stop)
		p.Wake()
	}
	<-done
	change := func(i int) booking.Change {
		if booked := s.Booked("ferry"); len(booked) > 0 {
			c, err := s.Cancel("ferry", booked[0])
			if err != nil {
				b.Fatal(err)
			}
			return c
		}
		c, err := s.Book("ferry", "trip", "", at(2, 9+i%8, 0), 2)
		if err != nil {
			b.Fatal(err)
		}
		return c
	}
	i := 0
	for b.Loop() {
		b.StopTimer()
		<-time.After(60 * time.Millisecond) // the window rests
		c := change(i)
		i++
		b.StartTimer()
		n.View.Apply(context.Background(), c)
		<-done
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/readers, "ns/reader")
}

// A week that nobody changes, asked for again and again.
func BenchmarkSnapshotWarm(b *testing.B) {
	s := livetest.NewStore(quiet)
	s.CommitSettings(livetest.Ferry())
	n := livetest.NewNode(b, s)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			snapshot, err := n.Hub.Snapshot(context.Background(), trips(2, 8, 1), booking.Position{})
			if err != nil {
				b.Error(err)
				return
			}
			b.SetBytes(int64(len(wire.JSON(snapshot))))
		}
	})
}

// A week of which one day changes before each time that it is asked for.
func BenchmarkSnapshotAfterChange(b *testing.B) {
	s := livetest.NewStore(quiet)
	s.CommitSettings(livetest.Ferry())
	n := livetest.NewNode(b, s)
	for b.Loop() {
		b.StopTimer()
		c, err := s.Book("ferry", "trip", "", at(2, 10, 0), 1)
		if err != nil {
			b.Fatal(err)
		}
		n.View.Apply(context.Background(), c)
		b.StartTimer()
		f, err := n.Hub.Snapshot(context.Background(), trips(2, 8, 1), booking.Position{})
		if err != nil {
			b.Fatal(err)
		}
		wire.JSON(f)
		b.StopTimer()
		if c, err = s.Cancel("ferry", c.Entries[0].Booking.ID); err != nil {
			b.Fatal(err)
		}
		n.View.Apply(context.Background(), c)
		b.StartTimer()
	}
}

// A day among nearly as many as may be in memory; and how much memory one takes.
func BenchmarkSnapshotAmongMany(b *testing.B) {
	const windows = 300
	s := livetest.NewStore(quiet)
	s.CommitSettings(livetest.Ferry())
	n := livetest.NewNode(b, s)
	query := func(i int) live.Query {
		q := trips(1, 1, 1)
		q.From = booking.Date{Year: 1985, Month: 1, Day: 1}.AddDays(i % windows * 62)
		q.To = q.From.AddDays(61)
		return q
	}
	ask := func(q live.Query) {
		if _, err := n.Hub.Snapshot(context.Background(), q, booking.Position{}); err != nil {
			b.Fatal(err)
		}
	}
	before := heapInUse()
	for i := range windows {
		ask(query(i))
	}
	kept := heapInUse() - before
	i := 0
	for b.Loop() {
		ask(query(i))
		i++
	}
	days, _ := n.Hub.Size()
	b.ReportMetric(float64(kept)/float64(days), "B/day")
}

// heapInUse is how much memory is in use once what is not has been collected.
func heapInUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
