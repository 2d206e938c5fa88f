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

// A serverProcess is the process that runs a server for this one: `scripts/postgres.sh keep`, where its protocol is described. It cleans
// up when its input ends.
type serverProcess struct {
	process  *exec.Cmd
	commands io.WriteCloser
	answers  *bufio.Reader
}

// launch starts a process and its server, and returns the server's directory and URL.
func launch(args ...string) (p *serverProcess, directory, url string, err error) {
	script, err := findScript()
	if err != nil {
		return nil, "", "", err
	}
	// Not bound to a context: it ends when its input does.
	command := append([]string{script, "keep"}, args...)
	p = &serverProcess{process: exec.CommandContext(context.Background(), "bash", command...)} //nolint:gosec // the module's own script
	if p.commands, err = p.process.StdinPipe(); err != nil {
		return nil, "", "", err
	}
	answers, err := p.process.StdoutPipe()
	if err != nil {
		return nil, "", "", err
	}
	p.answers = bufio.NewReader(answers)
	if err := p.process.Start(); err != nil {
		return nil, "", "", err
	}
	line, err := p.answers.ReadString('\n')
	if err == nil {
		url, err = p.answer()
	}
	if err != nil {
		return nil, "", "", errors.Join(err, p.close())
	}
	return p, strings.TrimSpace(strings.TrimPrefix(line, "directory ")), url, nil
}

// do has the process run one command and waits until it is done.
func (p *serverProcess) do(command string) error {
	if _, err := io.WriteString(p.commands, command+"\n"); err != nil {
		return err
	}
	_, err := p.answer()
	return err
}

// answer reads lines up to the one that says how a command ended.
func (p *serverProcess) answer() (string, error) {
	var said []string
	for {
		line, err := p.answers.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("the server's process is gone: %w %s", err, strings.Join(said, "\n"))
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
func (p *serverProcess) close() error {
	return errors.Join(p.commands.Close(), p.process.Wait())
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
