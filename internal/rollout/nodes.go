package rollout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// Node is one server of a version.
type Node interface {
	// Name is how it is told from others.
	Name() string
	// Ready fails unless the node serves, writes included.
	Ready(context.Context) error
	Figures(context.Context) (Figures, error)
	// SetWeight sets its share of its usual traffic, in percent.
	SetWeight(ctx context.Context, percent int) error
}

// Shift gives the versions their shares of the traffic, in percent. It may be called again with the same.
type Shift func(ctx context.Context, blue, green int) error

// ErrRefused: a node does not do what it is asked.
var ErrRefused = errors.New("it is refused")

// errWeightNotSet: blue has its share, and green does not know that it has none.
var errWeightNotSet = errors.New("green is not told")

// httpNode is a node by the address of its operator's port.
type httpNode struct {
	url, key string
	client   *http.Client
}

// NewNodes are the nodes at addresses of their operator's ports. The key is needed for those of other machines.
func NewNodes(client *http.Client, key string, urls ...string) []Node {
	nodes := make([]Node, len(urls))
	for i, url := range urls {
		nodes[i] = &httpNode{strings.TrimRight(url, "/"), key, client}
	}
	return nodes
}

func (n *httpNode) Name() string { return n.url }

func (n *httpNode) Ready(ctx context.Context) error {
	return n.call(ctx, http.MethodGet, "/readyz", "", func(body io.Reader) error {
		text, err := io.ReadAll(body)
		if err == nil && strings.Contains(string(text), `"writes":false`) {
			err = errors.New("its database takes no writes")
		}
		return err
	})
}

func (n *httpNode) Figures(ctx context.Context) (f Figures, err error) {
	err = n.call(ctx, http.MethodGet, "/metrics", "", func(body io.Reader) error {
		f, err = parseFigures(body)
		return err
	})
	return f, err
}

func (n *httpNode) SetWeight(ctx context.Context, percent int) error {
	return n.call(ctx, http.MethodPut, "/weight", `{"weight":`+strconv.Itoa(percent)+`}`, func(io.Reader) error { return nil })
}

// call asks the node, and has its answer read if it is one of success.
func (n *httpNode) call(ctx context.Context, method, path, body string, read func(io.Reader) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, n.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if n.key != "" {
		r.Header.Set("Authorization", "Bearer "+n.key)
	}
	answer, err := n.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	limited := io.LimitReader(answer.Body, maxFigures)
	if answer.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(limited, 500)) // it adds to an error
		return fmt.Errorf("%s %s%s: %w: %s %s", method, n.url, path, ErrRefused, answer.Status, said)
	}
	if err := read(limited); err != nil {
		return fmt.Errorf("%s %s%s: %w", method, n.url, path, err)
	}
	return nil
}

// ByAgents has each node tell the load balancer its own share. Whoever is to get more is told first.
func ByAgents(blue, green []Node) Shift {
	set := func(ctx context.Context, nodes []Node, percent int) error {
		errs := make([]error, len(nodes))
		for i, n := range nodes {
			errs[i] = n.SetWeight(ctx, percent)
		}
		return errors.Join(errs...)
	}
	return func(ctx context.Context, blueShare, greenShare int) error {
		if greenShare == 0 { // the way back, on which blue is told even if green no longer listens
			if err := set(ctx, blue, blueShare); err != nil {
				return err
			}
			if err := set(ctx, green, greenShare); err != nil {
				return fmt.Errorf("%w: %w", errWeightNotSet, err)
			}
			return nil
		}
		if err := set(ctx, green, greenShare); err != nil {
			return err
		}
		return set(ctx, blue, blueShare)
	}
}

// ByCommand runs a line of the shell, with BLUE_WEIGHT and GREEN_WEIGHT in its environment.
func ByCommand(line string) Shift {
	return func(ctx context.Context, blue, green int) error {
		return Command(ctx, line, "BLUE_WEIGHT="+strconv.Itoa(blue), "GREEN_WEIGHT="+strconv.Itoa(green))
	}
}

// Command runs a line of the shell, and has what it says in its error.
func Command(ctx context.Context, line string, environment ...string) error {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", line) //nolint:gosec // the operator's own line
	cmd.Env = append(os.Environ(), environment...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", line, err, strings.TrimSpace(string(said)))
	}
	return nil
}
