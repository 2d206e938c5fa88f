package desk_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// lateStore is one whose transactions take a while, whatever their bounds, or panic.
type lateStore struct {
	desk.Store
	takes  time.Duration
	panics bool
}

func (s lateStore) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	if s.panics {
		panic("a fault of the store")
	}
	time.Sleep(s.takes) //nolint:forbidigo // of the bubble's clock: a disk that does not answer
	return s.Store.Update(context.WithoutCancel(ctx), needs, decide)
}

// A lane that makes no step for a minute is reported, once; one that is slow, with steps that take nearly as long, is not. A panic is
// reported at once.
func TestStuckLanesAreReported(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		takes  time.Duration
		panics bool
		most   time.Duration // it is reported within; 0 is never
		says   string
	}{
		"stuck":    {10 * time.Minute, false, 63 * time.Second, "no progress for 1m"},
		"slow":     {50 * time.Second, false, 0, ""},
		"panicked": {0, true, time.Second, "a fault of the store"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				furnish(t, s.open(t, hiddenDue{s.store}), "a")
				began := time.Now()
				type report struct {
					text  string
					after time.Duration
				}
				reports := make(chan report, 10)
				n := s.open(t, lateStore{hiddenDue{s.store}, test.takes, test.panics}, func(c *desk.Config) {
					c.Failed = func(reason error) { reports <- report{reason.Error(), time.Since(began)} }
				})
				for i := range 3 { // one after the other
					go func() { _, _ = n.Book(t.Context(), anybody, request(at(10, 0).Add(timeStep(i)))) }()
					synctest.Wait()
				}
				<-time.After(8 * time.Minute)
				if test.most == 0 {
					if len(reports) > 0 {
						t.Errorf("it is reported: %v", <-reports)
					}
					return
				}
				if len(reports) != 1 {
					t.Fatalf("it is reported %d times", len(reports))
				}
				if r := <-reports; r.after > test.most || !strings.Contains(r.text, test.says) {
					t.Errorf("after %s it is reported: %s", r.after, r.text)
				}
			})
		})
	}
}
