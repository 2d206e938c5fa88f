package history

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"vacancy/client"
	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

const (
	// lasting is longer than a hold, so that holds run out under the eyes of the clients.
	lasting = 78 * time.Second
	// killEvery is how long the processes are left alone.
	killEvery = 9 * time.Second
	clients   = 6
	// checking bounds the search for an order of calls, for each slot.
	checking = 3 * time.Minute
)

func TestMain(m *testing.M) { proc.Main(m) }

func TestHistoryOnSQLite(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "v.db")
	checkHistory(t, database, 1)
}

func TestHistoryOfTwoNodesOnPostgreSQL(t *testing.T) {
	t.Parallel()
	checkHistory(t, postgrestest.Shared(t).Schema(t), 2)
}

func checkHistory(t *testing.T, database string, nodes int) {
	t.Helper()
	l := openLab(t, database, nodes)
	run(t, l, database)
	history := l.settle(t)
	t.Log(l)
	for _, answer := range l.wrong {
		t.Error(answer)
	}
	if n := l.actions()[count]; n < 100 {
		t.Errorf("only %d counts were answered", n)
	}
	for slot, part := range bySlot(history) {
		switch result, _ := porcupine.CheckOperationsVerbose(model(), part, checking); result {
		case porcupine.Ok:
		case porcupine.Unknown:
			t.Errorf("%v: no order of its %d calls was found within %s", slot, len(part), checking)
		default:
			t.Errorf("%v: there is no order of its %d calls in which a slot gives these answers:\n%s", slot, len(part), story(part))
		}
		checkTampered(t, slot, part)
	}
	if said, code := proc.Run(t, database, "verify"); code != 0 {
		t.Errorf("verify ends with %d and says:\n%s", code, said)
	}
}

// run has the clients work, and kills one process after the other.
func run(t *testing.T, l *lab, database string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lasting)
	defer cancel()
	var working sync.WaitGroup
	for i := range clients {
		working.Go(func() { (&worker{lab: l, id: i}).work(ctx) })
	}
	kill := time.NewTicker(killEvery)
	defer kill.Stop()
	for n := 0; ; n++ {
		select {
		case <-kill.C:
			l.nodes[n%len(l.nodes)].restart(t, database)
		case <-ctx.Done():
			working.Wait()
			return
		}
	}
}

// checkTampered is the negative control: a history in which one answer is another must not pass.
func checkTampered(t *testing.T, slot slotKey, part []porcupine.Operation) {
	t.Helper()
	for i, op := range part {
		c, o := callOf(op), outcomeIn(op)
		if c.action != book || o.code != client.CodeSlotUnavailable {
			continue
		}
		tampered := slices.Clone(part)
		tampered[i].Output = outcome{id: "one-too-many"}
		if porcupine.CheckOperations(model(), tampered) {
			continue // the place may have become free meanwhile
		}
		return
	}
	t.Errorf("%v: no refusal could be turned into a booking without notice, so the check proves nothing", slot)
}

// story is a part of a history in order of the calls, for people.
func story(part []porcupine.Operation) string {
	slices.SortFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	m := model()
	text := ""
	for _, op := range part {
		text += time.UnixMicro(op.Call).UTC().Format("05.000000 ") + m.DescribeOperation(op.Input, op.Output) + "\n"
	}
	return text
}
