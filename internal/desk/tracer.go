package desk

import (
	"context"
	"errors"
)

// errBegunAnew ends the span of a commit that was lost to another node's.
var errBegunAnew = errors.New("the transaction began anew")

// Tracer is told of the steps of a write, for those who trace requests.
type Tracer interface {
	// Span begins a step, as a part of the one in ctx, for the sake of the callers. End is told how it ended.
	Span(ctx context.Context, name string, callers ...context.Context) (_ context.Context, end func(error))
}

// noTracer traces nothing.
type noTracer struct{}

func (noTracer) Span(ctx context.Context, _ string, _ ...context.Context) (context.Context, func(error)) {
	return ctx, func(error) {}
}

// traceBatches begins the span of batches: a part of the first caller's trace, linked to those of all. The work goes on when callers leave.
func (l *lane) traceBatches(batches []*batch) (context.Context, func(error)) {
	if _, none := l.config.Tracer.(noTracer); none {
		return context.Background(), func(error) {}
	}
	var callers []context.Context
	for _, b := range batches {
		for _, c := range b.commands {
			if !b.venue.Hidden() {
				callers = append(callers, c.ctx)
			}
		}
	}
	if len(callers) == 0 {
		return context.Background(), func(error) {}
	}
	return l.config.Tracer.Span(context.WithoutCancel(callers[0]), "batch", callers...)
}
