package desk_test

import (
	"errors"
	"fmt"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
	"vacancy/internal/store"
	"vacancy/internal/store/storetest/memory"
)

// Two nodes run on while their database is put back to an earlier state, of the same epoch. One of them notices and books on, less
// far than the other had been, as far or further; the other knows nothing of that, and books what it takes to be free. Only the batch
// of the last change in its picture tells it that the changes it finds follow on another history.
func checkHistory(t *testing.T, more int, decorate func(desk.Store) desk.Store) (oversold bool) {
	t.Helper()
	data, c := memory.NewData(), &clock{now: monday}
	s := &shop{store: memory.Open(memory.Config{Data: data, Now: c.Now}), clock: c}
	unaware, other := s.open(t, hiddenDue{decorate(s.store)}), s.open(t, hiddenDue{s.store})
	furnish(t, other, "a")
	restore := data.Backup()
	for hour := range 2 {
		_, err := unaware.Book(t.Context(), anybody, request(at(15+hour, 0)))
		must(t, err)
	}
	restore()
	_, err := other.view.Reload(t.Context(), "barber")
	must(t, err)
	for i := range more {
		_, err = other.Book(t.Context(), anybody, request(at(10, 30*i)))
		must(t, err)
	}
	_, err = unaware.Book(t.Context(), anybody, request(at(10, 0)))
	if err != nil && !errors.Is(err, booking.ErrSlotUnavailable) {
		t.Fatal(err)
	}
	if err == nil && more == 0 {
		_, err = unaware.Book(t.Context(), anybody, request(at(15, 0))) // what was lost is free
		must(t, err)
	}
	return s.taken(t, "a", at(10, 0)) > 1
}

func TestHistoryIsComparedUnderTheRow(t *testing.T) {
	t.Parallel()
	for more := range 6 { // the unaware node is 2 changes further than the backup
		t.Run(fmt.Sprint(more), func(t *testing.T) {
			t.Parallel()
			if checkHistory(t, more, func(s desk.Store) desk.Store { return s }) {
				t.Error("a node that took another history for its own oversold a chair")
			}
			if more >= 2 && !checkHistory(t, more, withoutBatchCheck) {
				t.Error("negative control: without the batches nothing was oversold, so the check proves nothing")
			}
		})
	}
}

// withoutBatchCheck tells a desk that the changes it made are those that the store has.
func withoutBatchCheck(s desk.Store) desk.Store {
	made := make(map[booking.Revision]string) // the desk has one lane
	return tampered{
		Store: s,
		found: func(need store.Need, found *store.Found) {
			if batch, ok := made[need.Known]; ok {
				found.Batch = batch
			}
		},
		write: func(_ store.Found, w *store.Write) { made[w.Change.Revision] = w.Change.Batch },
	}
}
