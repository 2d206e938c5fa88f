package kafkatest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A keeper is the process that runs a broker for this one: `scripts/kafka.sh keep`, where its protocol is described. It cleans up when
// its input ends.
type keeper struct {
	process  *exec.Cmd
	commands io.WriteCloser
	answers  *bufio.Reader
}

// startKeeper starts one, and returns the directory that it has made for a broker.
func startKeeper() (k *keeper, directory string, err error) {
	script, err := findScript()
	if err != nil {
		return nil, "", err
	}
	// Not bound to a context: it ends when its input does.
	k = &keeper{process: exec.CommandContext(context.Background(), "bash", script, "keep")} //nolint:gosec // the module's own script
	if k.commands, err = k.process.StdinPipe(); err != nil {
		return nil, "", err
	}
	answers, err := k.process.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	k.process.Stderr = k.process.Stdout
	k.answers = bufio.NewReader(answers)
	if err := k.process.Start(); err != nil {
		return nil, "", err
	}
	var said []string
	for {
		line, err := k.answers.ReadString('\n')
		if err != nil {
			return nil, "", errors.Join(fmt.Errorf("the broker's process is gone: %w %s", err, strings.Join(said, "\n")), k.close())
		}
		line = strings.TrimSuffix(line, "\n")
		if directory, ok := strings.CutPrefix(line, "directory "); ok {
			return k, directory, nil
		}
		said = append(said, line)
	}
}

// do has the process run one command and waits until it is done.
func (k *keeper) do(command string) error {
	if _, err := io.WriteString(k.commands, command+"\n"); err != nil {
		return err
	}
	var said []string
	for {
		line, err := k.answers.ReadString('\n')
		if err != nil {
			return fmt.Errorf("the broker's process is gone: %w %s", err, strings.Join(said, "\n"))
		}
		switch line = strings.TrimSuffix(line, "\n"); line {
		case "ok":
			return nil
		case "failed":
			return errors.New(strings.Join(said, "\n"))
		default:
			said = append(said, line)
		}
	}
}

// close ends the broker and waits until it and its directory are gone.
func (k *keeper) close() error { return errors.Join(k.commands.Close(), k.process.Wait()) }

// findScript looks in the directories from the working directory, which for a test is its package's, up to the module's root.
func findScript() (string, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		script := filepath.Join(directory, "scripts", "kafka.sh")
		if _, err := os.Stat(script); err == nil {
			return script, nil
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return "", errors.New("scripts/kafka.sh is in no directory above the working directory")
		}
		directory = parent
	}
}
