package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"
)

// process is a node that was started for a run.
type process struct {
	url    string
	cmd    *exec.Cmd
	exited chan struct{}
	said   tail
}

// launch starts a node at an address, by the command and the arguments of `vacancy serve` given.
func launch(command []string, address string, environment []string) (*process, error) {
	p := &process{url: "http://" + address, exited: make(chan struct{})}
	args := slices.Concat(command[1:], []string{"serve", "--listen", address, "--log-level", "warn", "--limits", "off"})
	p.cmd = exec.Command(command[0], args...) //nolint:gosec,noctx // this program itself; stop ends it
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // why it ended is in what it said
		close(p.exited)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// ready waits until the node serves.
func (p *process) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	every := time.NewTicker(readyPoll)
	defer every.Stop()
	probe := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/readyz", nil)
		if err != nil {
			return err
		}
		if response, err := probe.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-every.C:
		case <-p.exited:
			return fmt.Errorf("the server ended at once; it said: %s", p.said.String())
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w; it said: %s", context.Cause(ctx), p.said.String())
		}
	}
}

// stop ends the node in good order, and waits until it has.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // fails if it has ended, which is what is wanted
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()
	select {
	case <-p.exited:
		return nil
	case <-timeout.C:
		err := errors.Join(fmt.Errorf("the server did not stop within %s", stopTimeout), p.cmd.Process.Kill())
		<-p.exited
		return err
	}
}

// freeAddress is one that nothing listens on at the moment.
func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// tail keeps the end of what a process says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - tailBytes; extra > 0 {
		t.text = append(t.text[:0], t.text[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
