package webhook

import (
	"context"
	"slices"
	"sync"

	"vacancy/internal/store"
)

// deliveryLog collects what was delivered, and writes it to the database from time to time: a write for each event would have bookings
// wait. What a crash takes with it is lost to the log alone.
type deliveryLog struct {
	store store.Webhooks
	meter Meter

	writing sync.Mutex // is held by who writes, so that it stays in order

	mu      sync.Mutex
	waiting []store.Delivery
}

func newDeliveryLog(s store.Webhooks, m Meter) *deliveryLog { return &deliveryLog{store: s, meter: m} }

// add has a delivery that has ended be written. A long body is not worth its room.
func (l *deliveryLog) add(d store.Delivery) {
	if len(d.Body) > store.MaxLoggedBody {
		d.Body = nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, d)
	l.bound()
}

// bound leaves the oldest out.
func (l *deliveryLog) bound() {
	if over := len(l.waiting) - maxLogged; over > 0 {
		l.waiting = slices.Delete(l.waiting, 0, over)
		l.meter.LogDropped(over)
	}
}

// flush writes what was added. What cannot be written is kept for the next time.
func (l *deliveryLog) flush(ctx context.Context) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	list := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	err := l.store.RecordDeliveries(ctx, list)
	if err != nil {
		l.mu.Lock()
		l.waiting = append(list, l.waiting...)
		l.bound()
		l.mu.Unlock()
	}
	return err
}
