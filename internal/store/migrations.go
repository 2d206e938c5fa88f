package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"vacancy/internal/booking"
)

// Migration is one file of a store's migrations.
type Migration struct {
	Version int64
	Name    string
	// Level is the lowest level of a program that may run on the schema since this migration: the file's line "-- level N". Migrations
	// before the first that says one are of level 1.
	Level booking.Level
	// Checksum is the SHA-256 of the file, in hex. A migration that was shipped is never changed.
	Checksum string
}

var (
	migrationName  = regexp.MustCompile(`^([0-9]{5})_[a-z0-9_]+\.sql$`)
	migrationLevel = regexp.MustCompile(`(?m)^-- level ([0-9]+)$`)
)

// firstWithLevel is the version since which each migration says its level.
const firstWithLevel = 3

// Migrations reads a store's migrations, by version.
func Migrations(folder fs.FS) ([]Migration, error) {
	files, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	migrations := make([]Migration, 0, len(files))
	for _, f := range files {
		m, err := readMigration(folder, f.Name())
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", f.Name(), err)
		}
		migrations = append(migrations, m)
	}
	return migrations, nil
}

// KnownVersion is that of the last of a store's migrations.
func KnownVersion(folder fs.FS) (int64, error) {
	all, err := Migrations(folder)
	if err != nil || len(all) == 0 {
		return 0, errors.Join(err, errors.New("there are no migrations"))
	}
	return all[len(all)-1].Version, nil
}

func readMigration(folder fs.FS, name string) (Migration, error) {
	match := migrationName.FindStringSubmatch(name)
	if match == nil {
		return Migration{}, errors.New("it must be called NNNNN_what.sql")
	}
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return Migration{}, err
	}
	sum := sha256.Sum256(text)
	m := Migration{Name: name, Level: 1, Checksum: hex.EncodeToString(sum[:])}
	if m.Version, err = strconv.ParseInt(match[1], 10, 64); err != nil {
		return Migration{}, err
	}
	level := migrationLevel.FindSubmatch(text)
	if level == nil && m.Version >= firstWithLevel {
		return Migration{}, errors.New(`it does not say which level a program must have to run on its schema: a line "-- level N"`)
	}
	if level != nil {
		n, err := strconv.Atoi(string(level[1]))
		if err != nil {
			return Migration{}, err
		}
		m.Level = booking.Level(n)
	}
	return m, nil
}
