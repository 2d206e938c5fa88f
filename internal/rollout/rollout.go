package rollout

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// How a rollout ends that does not succeed.
var (
	// ErrNotBegun: something was wrong before any traffic was moved.
	ErrNotBegun = errors.New("not begun")
	// ErrReturned: a check failed, and blue has all of the traffic again.
	ErrReturned = errors.New("returned to blue")
	// ErrStranded: a check failed, and the way back failed as well. A person must look.
	ErrStranded = errors.New("NOT returned to blue")

	errInterrupted = errors.New("it was interrupted")
)

// Config is a rollout.
type Config struct {
	Blue, Green []Node
	Shift       Shift
	// Steps are green's shares in percent, rising to 100.
	Steps []int
	// StepTime is how long a step is watched at least, StepTimeout how long it may take until green has answered enough.
	StepTime, StepTimeout time.Duration
	Limits                Limits
	// Verify checks the database; nil: it is not checked.
	Verify func(context.Context) error
	// Check is the operator's own, made at the end of each step; nil: there is none.
	Check func(context.Context) error
	// StopBlue ends blue's nodes when they have no traffic any more, StopGreen green's after a return; nil leaves that to the operator.
	StopBlue, StopGreen func(context.Context) error
	Say                 func(line string)
}

// Run moves the traffic. When ctx ends before the last check has passed, it goes back as well.
func Run(ctx context.Context, c Config) error {
	r := &rollout{Config: c}
	if err := r.check(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrNotBegun, err)
	}
	for _, share := range c.Steps {
		if err := r.step(ctx, share); err != nil {
			return r.goBack(ctx, err)
		}
	}
	r.Say("green has all of the traffic")
	return r.endBlue(ctx)
}

type rollout struct{ Config }

func (r *rollout) reportf(format string, args ...any) { r.Say(fmt.Sprintf(format, args...)) }

// check looks whether both versions serve and the database is sound, before anything is moved.
func (r *rollout) check(ctx context.Context) error {
	if err := ready(ctx, r.Blue); err != nil {
		return fmt.Errorf("blue: %w", err)
	}
	if err := ready(ctx, r.Green); err != nil {
		return fmt.Errorf("green: %w", err)
	}
	if err := r.verify(ctx); err != nil {
		return err
	}
	r.reportf("both versions serve: %d blue, %d green", len(r.Blue), len(r.Green))
	return nil
}

func ready(ctx context.Context, nodes []Node) error {
	for _, n := range nodes {
		if err := n.Ready(ctx); err != nil {
			return fmt.Errorf("%s is not ready: %w", n.Name(), err)
		}
	}
	return nil
}

func (r *rollout) verify(ctx context.Context) error {
	if r.Verify == nil {
		return nil
	}
	began := time.Now()
	if err := r.Verify(ctx); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	r.reportf("  verify: no problems (%s)", time.Since(began).Round(time.Millisecond))
	return nil
}

// step gives green a share, watches it, and has the database checked. The error is the reason to go back.
func (r *rollout) step(ctx context.Context, share int) error {
	before, err := readAll(ctx, r.Green)
	if err != nil {
		return err
	}
	blueBefore := r.readBlue(ctx)
	r.reportf("%d %% to green", share)
	if err := r.Shift(ctx, 100-share, share); err != nil {
		return fmt.Errorf("the traffic cannot be moved: %w", err)
	}
	w := &watch{rollout: r, before: before}
	green, err := w.untilEnough(ctx)
	if err != nil {
		return err
	}
	blue := r.readBlue(ctx).since(blueBefore)
	r.reportf("  green: %s", describe(green))
	r.reportf("  blue:  %s", describe(blue))
	if faults := r.Limits.latencyFaults(green, blue); len(faults) > 0 {
		return errors.New(strings.Join(faults, "; "))
	}
	return w.during(ctx, r.endOfStep)
}

// endOfStep are the checks that are made once in a step, and may take long.
func (r *rollout) endOfStep(ctx context.Context) error {
	if r.Check != nil {
		if err := r.Check(ctx); err != nil {
			return fmt.Errorf("the operator's check: %w", err)
		}
	}
	return r.verify(ctx)
}

// watch reads green during a step.
type watch struct {
	*rollout
	before   reading
	failures int // readings in a row that failed
}

// poll reads green once. The error is a fault of green's; ok is false if it could not be read, and that is none yet.
func (w *watch) poll(ctx context.Context) (green Figures, ok bool, err error) {
	now, err := readAll(ctx, w.Green)
	if err == nil {
		err = ready(ctx, w.Green)
	}
	if err != nil {
		if w.failures++; w.failures < unreadable {
			err = nil
		}
		return Figures{}, false, err
	}
	w.failures = 0
	if green, err = now.since(w.before); err != nil {
		return Figures{}, false, err
	}
	if faults := w.Limits.errorFaults(green); len(faults) > 0 {
		return Figures{}, false, errors.New(strings.Join(faults, "; "))
	}
	return green, true, nil
}

// untilEnough polls until the step's time is over and green has answered enough.
func (w *watch) untilEnough(ctx context.Context) (Figures, error) {
	began := time.Now()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return Figures{}, errInterrupted
		case <-ticker.C:
		}
		green, ok, err := w.poll(ctx)
		took := time.Since(began)
		switch {
		case err != nil:
			return Figures{}, err
		case ok && took >= w.StepTime && w.Limits.enough(green):
			return green, nil
		case ok && took >= w.StepTimeout:
			return Figures{}, fmt.Errorf("within %s green has answered %.0f writes, and %d are needed to judge it",
				w.StepTimeout, green.writes(), w.Limits.MinWrites)
		}
	}
}

// during goes on polling while a check runs, which is given up if green has a fault.
func (w *watch) during(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	checked := make(chan error, 1)
	go func() { checked <- check(ctx) }() // it is waited for
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case err := <-checked:
			return err
		case <-ticker.C:
		}
		if _, _, err := w.poll(ctx); err != nil {
			cancel()
			return errors.Join(err, withoutCancel(<-checked))
		}
	}
}

// withoutCancel leaves out what only says that a check was given up.
func withoutCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// reading is the figures of some nodes, by name.
type reading map[string]Figures

func readAll(ctx context.Context, nodes []Node) (reading, error) {
	all := make(reading, len(nodes))
	for _, n := range nodes {
		f, err := n.Figures(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be read: %w", n.Name(), err)
		}
		all[n.Name()] = f
	}
	return all, nil
}

// since adds up what the nodes have counted after an earlier reading. A node that has started anew meanwhile is a fault.
func (r reading) since(before reading) (Figures, error) {
	total := newFigures()
	for name, now := range r {
		if now.Started != before[name].Started {
			return Figures{}, fmt.Errorf("%s has started anew", name)
		}
		total = total.add(now.since(before[name]))
	}
	return total, nil
}

// readBlue is the sum over blue's nodes that answer. It is compared with, and not judged.
func (r *rollout) readBlue(ctx context.Context) Figures {
	total := newFigures()
	for _, n := range r.Blue {
		if f, err := n.Figures(ctx); err == nil {
			total = total.add(f)
		}
	}
	return total
}

// goBack gives blue everything again. It goes on when ctx has ended: that is one of its reasons.
func (r *rollout) goBack(ctx context.Context, reason error) error {
	r.reportf("CHECK FAILED: %v", reason)
	ctx = context.WithoutCancel(ctx)
	if err := ready(ctx, r.Blue); err != nil {
		r.reportf("blue does not serve (%v): the traffic stays as it is", err)
		return fmt.Errorf("%w: %w; blue: %w", ErrStranded, reason, err)
	}
	if err := r.shiftBack(ctx); err != nil {
		r.reportf("green still gets traffic: %v", err)
		return fmt.Errorf("%w: %w; %w", ErrStranded, reason, err)
	}
	r.Say("100 % to blue")
	if err := r.verify(ctx); err != nil {
		r.Say(err.Error())
		reason = errors.Join(reason, err)
	}
	if r.StopGreen != nil {
		r.Say("stopping green")
		if err := r.StopGreen(ctx); err != nil {
			r.reportf("green is not stopped: %v", err)
			reason = errors.Join(reason, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrReturned, reason)
}

// shiftBack tries until it succeeds, or is given up. It is tried for longer than a node takes that crashes and is started again. A green
// node that does not answer by then cannot be told; load balancers see that by themselves.
func (r *rollout) shiftBack(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, rollbackTimeout)
	defer cancel()
	for range rollbackAttempts {
		if err = r.Shift(ctx, 100, 0); err == nil {
			return nil
		}
		select {
		case <-time.After(rollbackBackoff):
		case <-ctx.Done():
			return err
		}
	}
	if errors.Is(err, errWeightNotSet) && !r.greenAnswers(ctx) {
		r.reportf("green does not answer: stop it, for it would have its share again if it came back (%v)", err)
		return nil
	}
	return err
}

// greenAnswers tells whether any of green's nodes can be read.
func (r *rollout) greenAnswers(ctx context.Context) bool {
	for _, n := range r.Green {
		if _, err := n.Figures(ctx); err == nil {
			return true
		}
	}
	return false
}

// endBlue stops blue, whose readers move to green while it drains.
func (r *rollout) endBlue(ctx context.Context) error {
	if r.StopBlue == nil {
		r.reportf("blue gets nothing new and may be stopped; its %.0f readers move to green then", r.readBlue(ctx).Readers)
		return nil
	}
	before, err := readAll(ctx, r.Green)
	if err != nil {
		return err
	}
	r.reportf("stopping blue; its %.0f readers move to green", r.readBlue(ctx).Readers)
	if err := r.StopBlue(ctx); err != nil {
		return fmt.Errorf("stop blue: %w", err)
	}
	if err := r.awaitEnd(ctx); err != nil {
		return err
	}
	now, err := readAll(ctx, r.Green)
	if err != nil {
		return err
	}
	green, err := now.since(before)
	if err != nil {
		return err
	}
	r.reportf("blue has ended\n  green: %s", describe(green))
	if faults := r.Limits.errorFaults(green); len(faults) > 0 {
		return fmt.Errorf("blue has ended, and green is not well: %s", strings.Join(faults, "; "))
	}
	return nil
}

// awaitEnd waits until none of blue's nodes answers.
func (r *rollout) awaitEnd(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		alive := ""
		for _, n := range r.Blue {
			if _, err := n.Figures(ctx); err == nil {
				alive = n.Name()
			}
		}
		if alive == "" {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("%s does not end", alive)
		}
	}
}
