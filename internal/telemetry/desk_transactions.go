package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Desk measures the transactions of the desk.
type Desk struct {
	seconds, commands                 prometheus.Observer
	waiting, waitingMax, commitsDoubt *reading
}

func newDesk(d *definitions) Desk {
	s := d.section("Bookings and other writes")
	return Desk{
		seconds: s.histogram("vacancy_desk_transaction_seconds",
			"Time of one transaction, its commit included.", transactionTimes),
		commands: s.histogram("vacancy_desk_transaction_commands",
			"Commands that one transaction decided. More is cheaper: they share one commit.", batchSizes),
		waiting: s.reading("vacancy_desk_waiting_commands",
			"Depth of the queue of writes: commands that wait for their transaction."),
		waitingMax: s.reading("vacancy_desk_waiting_commands_max",
			"How many may wait (`--max-waiting`); beyond it, and beyond half of it for one venue, writes are refused with 503 `busy`."),
		commitsDoubt: s.reading("vacancy_desk_commits_in_doubt",
			"Commits whose answer was lost and that are being settled now."),
	}
}

// Batch counts one transaction.
func (d Desk) Batch(_, commands int, took time.Duration) {
	d.seconds.Observe(took.Seconds())
	d.commands.Observe(float64(commands))
}

// Read has the desk's state shown: how many commands wait, how many may, and how many commits are in doubt.
func (d Desk) Read(waiting func() int, most int, inDoubt func() int) {
	d.waiting.from(func() float64 { return float64(waiting()) })
	d.waitingMax.from(func() float64 { return float64(most) })
	d.commitsDoubt.from(func() float64 { return float64(inDoubt()) })
}
