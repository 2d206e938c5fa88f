package desk_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
)

// proving remembers of each transaction whether it writes, and whether it asks for proof.
type proving struct {
	desk.Store
	mu   sync.Mutex
	seen []string
}

func (s *proving) Update(ctx context.Context, needs []store.Need, decide func([]store.Found) ([]store.Write, error)) error {
	return s.Store.Update(ctx, needs, func(found []store.Found) ([]store.Write, error) {
		writes, err := decide(found)
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, w := range writes {
			switch {
			case w.Change.Revision != 0:
				s.seen = append(s.seen, "written")
			case w.Prove:
				s.seen = append(s.seen, "proven")
			default:
				s.seen = append(s.seen, "told")
			}
		}
		return writes, err
	})
}

// TestWhatWasFoundIsProven: an answer that says that something is done, and writes nothing, rests on what was found, which must be proven.
// A refusal promises nothing.
func TestWhatWasFoundIsProven(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	seen := &proving{Store: s.store}
	n := s.open(t, seen)
	furnish(t, n, "a")
	seen.seen = nil
	request := desk.BookRequest{
		Venue: "barber", Service: "cut", Start: at(9, 0), PartySize: 1, Customer: booking.Customer{Name: "Ada", Email: "ada@example.com"},
		Idempotency: desk.Idempotency{Key: "a-key-of-sixteen-characters", Route: "book"},
	}
	for range 2 {
		if _, err := n.Book(t.Context(), anybody, request); err != nil {
			t.Fatal(err)
		}
	}
	request.Idempotency = desk.Idempotency{}
	if _, err := n.Book(t.Context(), anybody, request); err == nil {
		t.Fatal("the slot was sold twice")
	}
	if want := []string{"written", "proven", "told"}; !slices.Equal(seen.seen, want) {
		t.Errorf("a booking, its repeat and a refusal: got %v, want %v", seen.seen, want)
	}
}
