package bench

import (
	"bufio"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vacancy/internal/bench/meter"
)

// metricsUse reads what a node has used from its own metrics, in the Prometheus text format.
func metricsUse(address string) func(context.Context) (meter.Use, error) {
	return func(ctx context.Context) (u meter.Use, err error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return u, err
		}
		response, err := (&http.Client{Timeout: metricsTimeout}).Do(request)
		if err != nil {
			return u, err
		}
		defer func() { _ = response.Body.Close() }()
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			name, text, _ := strings.Cut(lines.Text(), " ")
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				continue
			}
			switch name {
			case "process_cpu_seconds_total":
				u.CPU = time.Duration(value * float64(time.Second))
			case "process_resident_memory_bytes":
				u.Memory = int64(value)
			}
		}
		return u, lines.Err()
	}
}
