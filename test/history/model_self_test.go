package history

import (
	"testing"

	"github.com/anishathalye/porcupine"

	"vacancy/client"
)

// op is a call on the one slot of these tests, made and answered at the given times.
func op(sent, answer int64, a action, id string, o outcome) porcupine.Operation {
	return porcupine.Operation{
		Input:  call{slot: slotKey{resource: "room"}, capacity: 1, action: a, id: id, sent: sent, answer: answer},
		Output: o, Call: sent, Return: answer,
	}
}

const never = int64(1) << 60

func made(id string, expires int64) outcome { return outcome{id: id, expires: expires} }
func refused(code string) outcome           { return outcome{code: code} }
func seen(remaining int) outcome            { return outcome{remaining: remaining} }

// Histories that must be accepted, and histories that must not: a checker that accepts everything proves nothing.
func TestModelTellsRightFromWrong(t *testing.T) {
	t.Parallel()
	full, expired := refused(client.CodeSlotUnavailable), refused(client.CodeHoldExpired)
	unknown := outcome{unknown: true}
	for name, h := range map[string]struct {
		right   bool
		history []porcupine.Operation
	}{
		"one after the other": {true, []porcupine.Operation{
			op(1, 2, book, "", made("a", 0)), op(3, 4, book, "", full), op(5, 6, cancel, "a", outcome{}), op(7, 8, book, "", made("b", 0)),
		}},
		"oversold": {false, []porcupine.Operation{op(1, 2, book, "", made("a", 0)), op(3, 4, book, "", made("b", 0))}},
		"oversold side by side": {false, []porcupine.Operation{
			op(1, 9, book, "", made("a", 0)), op(2, 8, book, "", made("b", 0)),
		}},
		"refused though free": {false, []porcupine.Operation{op(1, 2, book, "", full)}},
		"refused by one that came to nothing": {false, []porcupine.Operation{
			op(1, 2, book, "", full), op(3, 4, book, "", made("a", 0)),
		}},
		"refused by one under way": {true, []porcupine.Operation{op(1, 9, book, "", made("a", 0)), op(2, 3, book, "", full)}},
		"an expired hold gives way": {true, []porcupine.Operation{
			op(1, 2, hold, "", made("a", 10)), op(11, 12, book, "", made("b", 0)), op(13, 14, confirm, "a", expired),
		}},
		"an expired hold blocks": {false, []porcupine.Operation{op(1, 2, hold, "", made("a", 10)), op(11, 12, book, "", full)}},
		"a live hold yields": {false, []porcupine.Operation{
			op(1, 2, hold, "", made("a", 10)), op(5, 6, book, "", made("b", 0)),
		}},
		"a hold that runs out meanwhile": {true, []porcupine.Operation{
			op(1, 2, hold, "", made("a", 10)), op(9, 11, book, "", made("b", 0)), op(12, 13, query, "a", outcome{status: client.Expired}),
		}},
		"confirmed and expired": {false, []porcupine.Operation{
			op(1, 2, hold, "", made("a", 10)), op(3, 4, confirm, "a", outcome{}), op(11, 12, book, "", made("b", 0)),
		}},
		"an unknown cancellation that happened": {true, []porcupine.Operation{
			op(1, 2, book, "", made("a", 0)), op(3, never, cancel, "a", unknown), op(5, 6, book, "", made("b", 0)),
		}},
		"an unknown cancellation that did not": {true, []porcupine.Operation{
			op(1, 2, book, "", made("a", 0)), op(3, never, cancel, "a", unknown), op(5, 6, book, "", full),
		}},
		"an unknown cancellation that came back": {false, []porcupine.Operation{
			op(1, 2, book, "", made("a", 0)), op(3, never, cancel, "a", unknown), op(5, 6, book, "", made("b", 0)),
			op(7, 8, query, "a", outcome{status: client.Confirmed}),
		}},
		"a cancellation that is lost": {false, []porcupine.Operation{
			op(1, 2, book, "", made("a", 0)), op(3, 4, cancel, "a", outcome{}), op(5, 6, query, "a", outcome{status: client.Confirmed}),
		}},
		"a count that is right":    {true, []porcupine.Operation{op(1, 2, book, "", made("a", 0)), op(3, 4, count, "", seen(0))}},
		"a count that is too late": {false, []porcupine.Operation{op(1, 2, book, "", made("a", 0)), op(3, 4, count, "", seen(1))}},
		"a due hold is counted until it is expired": {true, []porcupine.Operation{
			op(1, 2, hold, "", made("a", 10)), op(11, 12, count, "", seen(0)), op(13, 14, count, "", seen(1)),
		}},
		"a due hold comes back": {false, []porcupine.Operation{
			op(1, 2, hold, "", made("a", 10)), op(11, 12, count, "", seen(1)), op(13, 14, count, "", seen(0)),
		}},
	} {
		if right := porcupine.CheckOperations(model(), h.history); right != h.right {
			t.Errorf("%s: the checker says %v", name, right)
		}
	}
}
