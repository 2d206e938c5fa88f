package rabbittest

import (
	"bufio"
	"context"
	_ "embed" // for the script and what the node is told to evaluate
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// nodeScript has its protocol in its first lines.
//
//go:embed node.sh
var nodeScript string

// controlCode has the node evaluate lines that it is sent on the socket "control" in its directory.
//
//go:embed control.erl
var controlCode string

// node is the process that runs a RabbitMQ node for this one. It cleans up when its input ends.
type node struct {
	process   *exec.Cmd
	commands  io.WriteCloser
	answers   *bufio.Reader
	directory string
	ports     ports
}

// ports are where a node listens. They stay the same when it is started again.
type ports struct{ plain, secure, distribution int }

// launch starts a process and its node. Another may take a port between its choice and the start; the node then does not start.
func launch() (n *node, pid int, err error) {
	for range startAttempts {
		if n, err = supervise(); err != nil {
			return nil, 0, err
		}
		if err = n.configure(); err == nil {
			if pid, err = n.start(); err == nil {
				return n, pid, nil
			}
		}
		err = errors.Join(err, n.close())
		if !strings.Contains(err.Error(), "eaddrinuse") {
			return nil, 0, err
		}
	}
	return nil, 0, err
}

// supervise starts the process, without a node.
func supervise() (*node, error) {
	// Not bound to a context: it ends when its input does.
	n := &node{process: exec.CommandContext(context.Background(), "bash", "-c", nodeScript, "rabbitmq", nodeScript)} //nolint:gosec // embedded
	var err error
	if n.commands, err = n.process.StdinPipe(); err != nil {
		return nil, err
	}
	answers, err := n.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	n.process.Stderr = os.Stderr
	n.answers = bufio.NewReader(answers)
	if err := n.process.Start(); err != nil {
		return nil, err
	}
	line, err := n.answers.ReadString('\n')
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	n.directory = strings.TrimSpace(strings.TrimPrefix(line, "directory "))
	return n, nil
}

// configure writes what the node reads when it starts.
func (n *node) configure() error {
	var err error
	if n.ports, err = choosePorts(); err != nil {
		return err
	}
	if err := writeCertificates(n.directory); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"control.erl": controlCode, "distribution_port": strconv.Itoa(n.ports.distribution),
		"node.config": fmt.Sprintf(nodeConfig, n.ports.plain, n.ports.secure,
			n.file(CAFile), n.file("server.pem"), n.file("server.key"), memoryLimit, MaxMessageSize, journalSize),
	} {
		if err := os.WriteFile(n.file(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) file(name string) string { return filepath.Join(n.directory, name) }

// nodeConfig is in Erlang's terms, which are read sooner than RabbitMQ's own format.
const nodeConfig = `[
	{rabbit, [
		{tcp_listeners, [{"127.0.0.1", %d}]},
		{ssl_listeners, [{"127.0.0.1", %d}]},
		{ssl_options, [{cacertfile, %q}, {certfile, %q}, {keyfile, %q}, {verify, verify_peer}, {fail_if_no_peer_cert, false}]},
		{vm_memory_high_watermark, {absolute, %d}},
		{disk_free_limit, 1000000},
		{max_message_size, %d},
		{log, [{console, [{enabled, false}]}]}
	]},
	{ra, [{wal_max_size_bytes, %d}]},
	{kernel, [{inet_dist_use_interface, {127, 0, 0, 1}}]}
].
`

// choosePorts finds ports that nobody listens on, below those that systems give to outgoing connections and to listeners that leave the
// choice to them.
func choosePorts() (p ports, err error) {
	for _, port := range []*int{&p.plain, &p.secure, &p.distribution} {
		for {
			*port = 20_000 + rand.IntN(12_000)
			listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:"+strconv.Itoa(*port))
			if err != nil {
				continue
			}
			if err := listener.Close(); err != nil {
				return p, err
			}
			break
		}
	}
	return p, nil
}

// start starts the node and returns the id of its process when it accepts connections.
func (n *node) start() (pid int, err error) {
	answer, err := n.do("start")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(answer)
}

// do has the process run one command, and returns its answer when it is done.
func (n *node) do(command string) (string, error) {
	if _, err := io.WriteString(n.commands, command+"\n"); err != nil {
		return "", err
	}
	var said []string
	for {
		line, err := n.answers.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("the node's process is gone: %w %s", err, strings.Join(said, "\n"))
		}
		line = strings.TrimSuffix(line, "\n")
		if answer, ok := strings.CutPrefix(line, "ok"); ok {
			return strings.TrimSpace(answer), nil
		}
		if line == "failed" {
			return "", errors.New(strings.Join(said, "\n"))
		}
		said = append(said, line)
	}
}

// close ends the node and waits until it and its directory are gone.
func (n *node) close() error {
	return errors.Join(n.commands.Close(), n.process.Wait())
}
