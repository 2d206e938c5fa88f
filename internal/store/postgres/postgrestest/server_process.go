package postgrestest

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

// A keeper is the process that runs a server for this one: `scripts/postgres.sh keep`, where its protocol is described. It cleans
// up when its input ends.
type keeper struct {
	process  *exec.Cmd
	commands io.WriteCloser
	answers  *bufio.Reader
}

// launch starts a keeper and its server, and returns the server's directory and URL.
func launch(args ...string) (k *keeper, directory, url string, err error) {
	script, err := findScript()
	if err != nil {
		return nil, "", "", err
	}
	// Not bound to a context: it ends when its input does.
	command := append([]string{script, "keep"}, args...)
	k = &keeper{process: exec.CommandContext(context.Background(), "bash", command...)} //nolint:gosec // the module's own script
	if k.commands, err = k.process.StdinPipe(); err != nil {
		return nil, "", "", err
	}
	answers, err := k.process.StdoutPipe()
	if err != nil {
		return nil, "", "", err
	}
	k.answers = bufio.NewReader(answers)
	if err := k.process.Start(); err != nil {
		return nil, "", "", err
	}
	line, err := k.answers.ReadString('\n')
	if err == nil {
		url, err = k.answer()
	}
	if err != nil {
		return nil, "", "", errors.Join(err, k.close())
	}
	return k, strings.TrimSpace(strings.TrimPrefix(line, "directory ")), url, nil
}

// do has the keeper run one command and waits until it is done.
func (k *keeper) do(command string) error {
	if _, err := io.WriteString(k.commands, command+"\n"); err != nil {
		return err
	}
	_, err := k.answer()
	return err
}

// answer reads lines up to the one that says how a command ended.
func (k *keeper) answer() (string, error) {
	var said []string
	for {
		line, err := k.answers.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("the server's keeper is gone: %w %s", err, strings.Join(said, "\n"))
		}
		line = strings.TrimSuffix(line, "\n")
		if result, ok := strings.CutPrefix(line, "ok "); ok {
			return result, nil
		}
		if line == "failed" {
			return "", errors.New(strings.Join(said, "\n"))
		}
		said = append(said, line)
	}
}

// close ends the server and waits until it and its directory are gone.
func (k *keeper) close() error {
	return errors.Join(k.commands.Close(), k.process.Wait())
}

// findScript looks in the directories from the working directory, which for a test is its package's, up to the module's root.
func findScript() (string, error) {
	directory, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		script := filepath.Join(directory, "scripts", "postgres.sh")
		if _, err := os.Stat(script); err == nil {
			return script, nil
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return "", errors.New("scripts/postgres.sh is in no directory above the working directory")
		}
		directory = parent
	}
}
