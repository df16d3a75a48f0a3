// Package secret reads the link key and passwords from where they are kept
// outside the database and outside the configuration.
package secret

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"doorman/model"
)

// Place says where to look for one secret. The first place that has it wins:
// the directory that CREDENTIALS_DIRECTORY names (systemd credentials), then the
// file, then the environment.
type Place struct {
	Name   string              // file name in the credentials directory
	File   string              // path of a file that only its owner may read; "" for none
	Env    string              // name of the environment variable; "" for none
	Getenv func(string) string // nil means os.Getenv
}

// maxSize bounds a secret, in bytes.
const maxSize = 4096

// Load returns a secret without the line end after it, and where it was found
// in words that may be shown. Both are empty when there is none. A file that
// others could read or have written is refused.
func Load(p Place) (value []byte, from string, err error) {
	getenv := p.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	if dir := getenv("CREDENTIALS_DIRECTORY"); dir != "" && p.Name != "" {
		path := filepath.Join(dir, p.Name)
		value, err := read(path, false) // the service manager guards the directory
		if !errors.Is(err, fs.ErrNotExist) {
			return value, "the credentials directory", err
		}
	}
	if p.File != "" {
		value, err := read(p.File, true)
		if !errors.Is(err, fs.ErrNotExist) {
			return value, "the file " + model.Quote(p.File), err
		}
	}
	if p.Env != "" {
		if v := getenv(p.Env); v != "" {
			return []byte(v), "the environment variable " + p.Env, nil
		}
	}
	return nil, "", nil
}

func refuse(path, text, hint string, cause error) error {
	return &model.Error{Kind: model.Refused, Field: "secret file " + model.Quote(path), Text: text, Hint: hint, Err: cause}
}

// read returns what a file holds.
func read(path string, private bool) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	if private {
		// Anyone who owns a link may turn it to another file at any time.
		if err := checkOwner(path, info); err != nil {
			return nil, err
		}
	}
	if info, err = os.Stat(path); err != nil { // before it is opened: opening a pipe would wait
		return nil, cannotRead(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, refuse(path, "is not a plain file", "name a file of mode 0600", nil)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, cannotRead(path, err)
	}
	if private {
		if err := checkPrivate(path, info); err != nil {
			return nil, err
		}
	}
	buf := make([]byte, maxSize+1)
	n := 0
	for n < len(buf) {
		k, err := f.Read(buf[n:])
		n += k
		if err != nil || k == 0 {
			break
		}
	}
	value := bytes.TrimRight(buf[:n], "\r\n")
	switch {
	case n > maxSize:
		return nil, refuse(path, "is longer than any secret", "name the file that holds the secret alone", nil)
	case len(value) == 0:
		return nil, refuse(path, "is empty", "write the secret into it, or remove it", nil)
	}
	return value, nil
}

func cannotRead(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return refuse(path, "cannot be read", "check its owner and the permissions of its directories", err)
}
