package ledger

import "fmt"

// Problem says what is wrong with the ledger's inner order; nothing should be.
func (l Ledger) Problem() error {
	for i, d := range l.days {
		if i > 0 && l.days[i-1].number >= d.number {
			return fmt.Errorf("day %d comes after day %d", d.number, l.days[i-1].number)
		}
		if len(d.points) == 0 {
			return fmt.Errorf("day %d is empty", d.number)
		}
		second, level := -1, 0
		for _, p := range d.points {
			if p.at <= second || p.at >= secondsPerDay || p.level == level || p.level < 0 {
				return fmt.Errorf("day %d has points %v", d.number, d.points)
			}
			second, level = p.at, p.level
		}
	}
	return nil
}

// Days is how many days the ledger keeps.
func (l Ledger) Days() int { return len(l.days) }

// Unshare makes the edit a mutant that forgets that a Ledger has its list of days.
func (e *Edit) Unshare() { e.shared = false }
