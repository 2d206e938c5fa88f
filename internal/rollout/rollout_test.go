package rollout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fakeNode answers so many writes a second, in the bubble's time, of which every failsNth fails.
type fakeNode struct {
	name     string
	began    time.Time
	rate     float64
	failsNth float64
	// When it can be read no longer, and when it starts anew, after the beginning; 0 is never.
	silentFrom, restartsAt time.Duration
	notReady               error
}

func (n *fakeNode) Name() string                         { return n.name }
func (n *fakeNode) Ready(context.Context) error          { return n.notReady }
func (n *fakeNode) SetWeight(context.Context, int) error { return nil }
func (n *fakeNode) Figures(context.Context) (Figures, error) {
	up := time.Since(n.began)
	if n.silentFrom > 0 && up >= n.silentFrom {
		return Figures{}, errors.New("connection refused")
	}
	f := newFigures()
	f.Started = 1
	if n.restartsAt > 0 && up >= n.restartsAt {
		f.Started = 2
	}
	count := math.Floor(n.rate * up.Seconds())
	f.Answers[bookings] = count
	if n.failsNth > 0 {
		f.Errors[bookings] = math.Floor(count / n.failsNth)
	}
	f.Writes = Histogram{0.05: count, math.Inf(1): count}
	return f, nil
}

// drill is a rollout of fakes, and what came of it.
type drill struct {
	blue, green *fakeNode
	config      Config
	shares      []int // of green, in order
	said        []string
}

func newDrill() *drill {
	d := &drill{
		blue:  &fakeNode{name: "blue", began: time.Now(), rate: 100},
		green: &fakeNode{name: "green", began: time.Now(), rate: 5},
	}
	d.config = Config{
		Blue: []Node{d.blue}, Green: []Node{d.green}, Steps: DefaultSteps, StepTime: 10 * time.Second, StepTimeout: time.Minute,
		Limits: testLimits,
		Shift: func(_ context.Context, blue, green int) error {
			if blue+green != 100 {
				return fmt.Errorf("%d and %d are not all", blue, green)
			}
			d.shares = append(d.shares, green)
			return nil
		},
		Say: func(line string) { d.said = append(d.said, line) },
	}
	return d
}

func TestRollout(t *testing.T) {
	t.Parallel()
	bad := errors.New("a contradiction")
	verifiedUntil := func(good int) func(context.Context) error {
		return func(context.Context) error {
			if good--; good < 0 {
				return bad
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		spoil  func(*drill)
		ends   error
		says   string
		shares []int
	}{
		"all is well": {func(*drill) {}, nil, "green has all", []int{1, 10, 50, 100}},
		"every tenth write fails": {
			func(d *drill) { d.green.failsNth = 10 }, ErrReturned, "2 of 20 answers", []int{1, 0},
		},
		"it starts anew in the third step": {
			func(d *drill) { d.green.restartsAt = 25 * time.Second }, ErrReturned, "started anew", []int{1, 10, 50, 0},
		},
		"it answers no longer": {
			func(d *drill) { d.green.silentFrom = 15 * time.Second }, ErrReturned, "cannot be read", []int{1, 10, 0},
		},
		"too little to judge it by": {
			func(d *drill) { d.green.rate = 0.1 }, ErrReturned, "20 are needed", []int{1, 0},
		},
		"verify fails before": {
			func(d *drill) { d.config.Verify = verifiedUntil(0) }, ErrNotBegun, "", nil,
		},
		"verify fails after the second step": {
			func(d *drill) { d.config.Verify = verifiedUntil(2) }, ErrReturned, "verify: a contradiction", []int{1, 10, 0},
		},
		"the operator's check fails after the second step": {
			func(d *drill) { d.config.Check = verifiedUntil(1) }, ErrReturned, "the operator's check: a contradiction", []int{1, 10, 0},
		},
		"green is not ready before": {
			func(d *drill) { d.green.notReady = bad }, ErrNotBegun, "", nil,
		},
		"blue is not ready before": {
			func(d *drill) { d.blue.notReady = bad }, ErrNotBegun, "", nil,
		},
		"blue is gone when it is needed": {
			func(d *drill) {
				d.green.failsNth = 10
				shift := d.config.Shift
				d.config.Shift = func(ctx context.Context, blue, green int) error {
					d.blue.notReady = bad
					return shift(ctx, blue, green)
				}
			}, ErrStranded, "stays as it is", []int{1},
		},
		"green is gone and cannot be told": {
			func(d *drill) {
				d.green.silentFrom = 5 * time.Second
				shift := d.config.Shift
				d.config.Shift = func(ctx context.Context, blue, green int) error {
					return errors.Join(shift(ctx, blue, green), map[bool]error{true: errWeightNotSet}[green == 0])
				}
			}, ErrReturned, "stop it, for it would have its share again", []int{1, 0, 0, 0, 0, 0},
		},
		"green crashes, and is told when it is back": {
			func(d *drill) {
				d.green.restartsAt = 5 * time.Second
				shift, tries := d.config.Shift, 0
				d.config.Shift = func(ctx context.Context, blue, green int) error {
					if green == 0 {
						tries++
					}
					return errors.Join(shift(ctx, blue, green), map[bool]error{true: errWeightNotSet}[tries == 1])
				}
			}, ErrReturned, "100 % to blue", []int{1, 0, 0},
		},
		"blue cannot be told on the way back": {
			func(d *drill) {
				d.green.silentFrom = 5 * time.Second
				shift := d.config.Shift
				d.config.Shift = func(ctx context.Context, blue, green int) error {
					return errors.Join(shift(ctx, blue, green), map[bool]error{true: bad}[green == 0])
				}
			}, ErrStranded, "green still gets traffic", []int{1, 0, 0, 0, 0, 0},
		},
		"the traffic cannot be moved back": {
			func(d *drill) {
				d.green.failsNth = 10
				shift := d.config.Shift
				d.config.Shift = func(ctx context.Context, blue, green int) error {
					return errors.Join(shift(ctx, blue, green), map[bool]error{true: bad}[green == 0])
				}
			}, ErrStranded, "green still gets traffic", []int{1, 0, 0, 0, 0, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := newDrill()
				c.spoil(d)
				err := Run(t.Context(), d.config)
				said := strings.Join(d.said, "\n")
				if !errors.Is(err, c.ends) || !strings.Contains(said, c.says) || !slices.Equal(d.shares, c.shares) {
					t.Errorf("it ends with %v, green had %v, and it said\n%s", err, d.shares, said)
				}
			})
		})
	}
}

// Whoever interrupts it has the traffic back.
func TestInterruptReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDrill()
		ctx, interrupt := context.WithTimeout(t.Context(), 15*time.Second)
		defer interrupt()
		if err := Run(ctx, d.config); !errors.Is(err, ErrReturned) || !slices.Equal(d.shares, []int{1, 10, 0}) {
			t.Errorf("it ends with %v, and green had %v", err, d.shares)
		}
	})
}

// A return that takes long, since the database is large, is not cut off, nor is green left running by it.
func TestLongVerifyAfterAReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDrill()
		d.green.failsNth = 10
		d.config.Verify = func(ctx context.Context) error {
			select {
			case <-time.After(time.Hour):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		var stopped bool
		d.config.StopGreen = func(ctx context.Context) error { stopped = true; return ctx.Err() }
		err := Run(t.Context(), d.config)
		if !errors.Is(err, ErrReturned) || errors.Is(err, context.DeadlineExceeded) || !stopped {
			t.Errorf("it ends with %v; green is stopped: %v", err, stopped)
		}
	})
}

// While the database is checked green is watched, and the check is given up for a fault.
func TestGreenIsWatchedDuringAVerify(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDrill()
		d.green.restartsAt = 20 * time.Second
		checks, givenUp := 0, false
		d.config.Verify = func(ctx context.Context) error {
			if checks++; checks != 2 {
				return nil
			}
			<-ctx.Done()
			givenUp = true
			return ctx.Err()
		}
		err := Run(t.Context(), d.config)
		if took := time.Since(d.green.began); !errors.Is(err, ErrReturned) || !givenUp || took > 25*time.Second || checks != 3 {
			t.Errorf("after %s and %d checks it ends with %v", took, checks, err)
		}
	})
}

// Blue is stopped when green has everything, and green after a return; nobody else is.
func TestWhoIsStopped(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]float64{"blue": 0, "green": 10} {
		synctest.Test(t, func(t *testing.T) {
			d := newDrill()
			d.green.failsNth = fails
			stopped := make(map[string]int)
			d.config.StopBlue = func(context.Context) error {
				stopped["blue"]++
				d.blue.silentFrom = time.Since(d.blue.began) + 3*time.Second
				return nil
			}
			d.config.StopGreen = func(context.Context) error { stopped["green"]++; return nil }
			err := Run(t.Context(), d.config)
			if (err == nil) != (name == "blue") || !maps.Equal(stopped, map[string]int{name: 1}) {
				t.Errorf("it ends with %v, and stopped %v", err, stopped)
			}
		})
	}
}

// When shares are raised and lowered, some node has traffic at each moment; and on the way back blue is told though green is gone.
func TestByAgents(t *testing.T) {
	t.Parallel()
	var told []string
	blue, green := &toldNode{name: "blue", told: &told}, &toldNode{name: "green", told: &told}
	shift := ByAgents([]Node{blue}, []Node{green})
	for _, share := range []int{10, 100} {
		if err := shift(t.Context(), 100-share, share); err != nil {
			t.Error(err)
		}
	}
	green.err = errors.New("gone")
	if err := shift(t.Context(), 100, 0); !errors.Is(err, green.err) || !errors.Is(err, errWeightNotSet) {
		t.Errorf("on the way back: %v", err)
	}
	want := []string{"green 10", "blue 90", "green 100", "blue 0", "blue 100", "green 0"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q", told)
	}
}

type toldNode struct {
	fakeNode
	name string
	told *[]string
	err  error
}

func (n *toldNode) SetWeight(_ context.Context, percent int) error {
	*n.told = append(*n.told, fmt.Sprintf("%s %d", n.name, percent))
	return n.err
}

func TestCommandsHaveTheShares(t *testing.T) {
	t.Parallel()
	if err := ByCommand(`test "$BLUE_WEIGHT/$GREEN_WEIGHT" = 90/10`)(t.Context(), 90, 10); err != nil {
		t.Error(err)
	}
	if err := ByCommand("echo it is broken >&2; exit 7")(t.Context(), 90, 10); err == nil || !strings.Contains(err.Error(), "it is broken") {
		t.Errorf("a command that fails: %v", err)
	}
}
