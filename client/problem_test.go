package client

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestProblem(t *testing.T) {
	t.Parallel()
	c, _, _ := scripted(t, answerWith(409, `{"type":"/problems/slot_unavailable","title":"Taken","status":409,"detail":"Somebody was quicker.",
		"code":"slot_unavailable","request_id":"r1","errors":[{"field":"start","message":"is full"},{"field":"party_size","message":"is 2"}],
		"alternatives":[{"start":"2026-11-24T10:00:00+01:00",
			"end":"2026-11-24T10:30:00+01:00","remaining":1,"capacity":1,"status":"available","resource":"r"}],
		"waitlist":{"open":true},"support":{"email":"a@b.example"}}`, "Retry-After", "3"))
	_, err := c.Book(t.Context(), "v", NewBooking{})
	problem, ok := errors.AsType[*Problem](fmt.Errorf("book: %w", err))
	if !ok || !IsCode(err, CodeSlotUnavailable) || IsCode(err, CodeNotFound) || IsCode(nil, CodeNotFound) {
		t.Fatalf("%v is not the problem", err)
	}
	if len(problem.Alternatives) != 1 || problem.Alternatives[0].Resource != "r" || problem.Alternatives[0].Remaining != 1 ||
		!problem.Waitlist.Open || problem.Support.Email != "a@b.example" || problem.RequestID != "r1" || problem.RetryAfter != 3*time.Second {
		t.Errorf("%+v", problem)
	}
	const want = "Taken: Somebody was quicker.: start is full; party_size is 2 (409 slot_unavailable)"
	if problem.Error() != want {
		t.Errorf("%q, want %q", problem, want)
	}
}

// A start that is no slot comes with the reason, and with the starts beside it.
func TestProblemOfAStartThatIsNoSlot(t *testing.T) {
	t.Parallel()
	c, _, _ := scripted(t, answerWith(422, `{"type":"/problems/not_a_slot","title":"No slot starts then","status":422,"detail":"D.",
		"code":"not_a_slot","request_id":"r1","reason":"off_grid","nearest":["2026-11-24T10:00:00+01:00","2026-11-24T10:30:00+01:00"],
		"alternatives":[],"waitlist":{"open":false},"support":{}}`))
	_, err := c.Book(t.Context(), "v", NewBooking{})
	problem, ok := errors.AsType[*Problem](err)
	if !ok || !IsCode(err, CodeNotASlot) || problem.Reason != ReasonOffGrid || len(problem.Nearest) != 2 ||
		!problem.Nearest[1].Equal(time.Date(2026, time.November, 24, 9, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", problem)
	}
}

// A proxy between client and server answers in its own way.
func TestProblemOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for status, code := range map[int]string{
		400: CodeMalformed, 401: CodeUnauthenticated, 403: CodeForbidden, 404: CodeNotFound, 429: CodeBusy,
		500: CodeInternal, 502: CodeUnavailable, 504: CodeUnavailable,
	} {
		problem := newProblem(&http.Response{StatusCode: status, Header: http.Header{}}, []byte("<html>"))
		if problem.Code != code || problem.Status != status || problem.Error() == "" {
			t.Errorf("%d is %+v, want %s", status, problem, code)
		}
	}
}
