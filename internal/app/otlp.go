package app

import (
	"context"
	"fmt"
	"os"
	"strings"

	"vacancy/internal/desk"
	"vacancy/internal/httpapi"
	"vacancy/internal/otlp"
)

// startOTLP begins to send traces and metrics, if the operator asks for it.
func (a *App) startOTLP(ctx context.Context) (err error) {
	if a.config.OTLP == "" {
		return nil
	}
	a.otlp, err = otlp.New(ctx, otlp.Config{
		URL: strings.TrimSuffix(a.config.OTLP, "/"), Version: Version(), Node: nodeName(), Share: a.config.OTLPTraceShare,
		Metrics: a.telemetry.Gatherer(), Meter: a.telemetry.OTLP, Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("--otlp: %w", err)
	}
	return nil
}

// requestTracer traces requests, or is nil.
func (a *App) requestTracer() httpapi.Tracer {
	if a.otlp == nil {
		return nil
	}
	return a.otlp
}

// deskTracer traces writes, or is nil.
func (a *App) deskTracer() desk.Tracer {
	if a.otlp == nil {
		return nil
	}
	return a.otlp
}

// nodeName is the name of the machine.
func nodeName() string {
	name, err := os.Hostname()
	if err != nil {
		return "(unknown)"
	}
	return name
}
