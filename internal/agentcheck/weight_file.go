package agentcheck

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// ErrWeight: a weight is a whole number from 0 to [MaxWeight].
var ErrWeight = errors.New("a weight is a whole number from 0 to 100")

// Weight is the share of its usual traffic that the server asks for. It is safe for use by several goroutines.
type Weight struct {
	file string

	mu    sync.Mutex
	value int
}

// NewWeight is the weight that the file has, or the initial one if there is no such file. Without a file's name it is kept in memory.
func NewWeight(initial int, file string) (*Weight, error) {
	w := &Weight{file: file, value: initial}
	if initial < 0 || initial > MaxWeight {
		return nil, ErrWeight
	}
	if file == "" {
		return w, nil
	}
	text, err := readWeight(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return w, nil
	case err != nil:
		return nil, err
	}
	w.value, err = strconv.Atoi(strings.TrimSpace(text))
	if err != nil || w.value < 0 || w.value > MaxWeight {
		return nil, fmt.Errorf("%s: %w", file, ErrWeight)
	}
	return w, nil
}

func readWeight(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxWeightFile))
	return string(text), err
}

// Weight is the present one.
func (w *Weight) Weight() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.value
}

// SetWeight sets it, from 0 to [MaxWeight]. If it cannot be written to its file nothing changes.
func (w *Weight) SetWeight(value int) error {
	if value < 0 || value > MaxWeight {
		return ErrWeight
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file != "" {
		if err := writeWeight(w.file, value); err != nil {
			return fmt.Errorf("keep the weight: %w", err)
		}
	}
	w.value = value
	return nil
}

// writeWeight replaces the file as a whole: a crash leaves the old weight or the new one.
func writeWeight(file string, value int) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = fmt.Fprintln(f, value)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
