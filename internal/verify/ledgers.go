package verify

import (
	"errors"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/ledger"
)

// ledgers are what is taken of each resource.
type ledgers map[booking.ResourceID]*ledger.Edit

// errEndless: a ledger would have to hold every day of it.
var errEndless = errors.New("it lasts longer than any booking")

func (l ledgers) of(id booking.ResourceID) *ledger.Edit {
	edit := l[id]
	if edit == nil {
		edit = ledger.Ledger{}.Edit()
		l[id] = edit
	}
	return edit
}

// claim adds a claim, and returns the most that is taken at any instant of it then.
func (l ledgers) claim(c booking.Claim) (taken int, err error) {
	if c.End.Sub(c.Start) > maxClaimLength {
		return 0, errEndless
	}
	edit := l.of(c.Resource)
	if err := edit.Add(c); err != nil {
		return 0, err
	}
	return edit.Taken(c.Start, c.End), nil
}

// release removes a claim, and tells whether it was in. One that could not be added is not, and that was told then.
func (l ledgers) release(c booking.Claim) bool {
	return c.End.Sub(c.Start) > maxClaimLength || !errors.Is(l.of(c.Resource).Remove(c), ledger.ErrNotTaken)
}

// isEmpty tells whether nothing is taken of a resource at any time.
func (l ledgers) isEmpty(id booking.ResourceID) bool {
	return l.of(id).Taken(time.Time{}.AddDate(-yearsOfLedger, 0, 0), time.Time{}.AddDate(2*yearsOfLedger, 0, 0)) == 0
}
