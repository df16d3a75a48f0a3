package secret

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"doorman/model"
)

// LoadKey returns the link key, and where it was found. When there is none and
// create is set, it makes one in p.File: mode 0600, in a directory of mode 0700
// if that is missing too. Otherwise no key is nil and no error. A file holds 64
// hex characters; base64 of 32 bytes is taken as well.
func LoadKey(p Place, create bool) (key model.Key, from string, err error) {
	value, from, err := Load(p)
	if err != nil {
		return nil, from, err
	}
	if len(value) == 0 {
		if !create || p.File == "" {
			return nil, "", nil
		}
		if err := makeKey(p.File); err != nil {
			return nil, "", err
		}
		// Of two programs that make one at once, both use the first.
		if value, from, err = Load(p); err != nil {
			return nil, from, err
		}
	}
	if key = parseKey(value); key == nil {
		return nil, from, &model.Error{Kind: model.Refused, Field: "link key", Text: "what " + from + " holds is not a key of 32 bytes",
			Hint: "restore it from where it was kept; a new one makes every link already sent useless"}
	}
	return key, from, nil
}

// parseKey returns nil for what is no key.
func parseKey(value []byte) model.Key {
	text := strings.TrimSpace(string(value))
	if key, err := hex.DecodeString(text); err == nil && len(key) == model.KeySize {
		return key
	}
	text = strings.TrimRight(text, "=")
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if key, err := enc.DecodeString(text); err == nil && len(key) == model.KeySize {
			return key
		}
	}
	return nil
}

// makeKey writes a new key. The file gets its name only when it is whole, and
// never takes the place of another.
func makeKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return refuse(path, "its directory cannot be made", "make it yourself, with mode 0700", err)
	}
	if err := checkDirectory(dir); err != nil {
		return err
	}
	temp := path + ".new-" + model.NewID()[:8]
	defer func() { _ = os.Remove(temp) }() // gone already when all went well
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return refuse(path, "cannot be made", "check the permissions of its directory", err)
	}
	key := make([]byte, model.KeySize)
	_, _ = rand.Read(key) // never fails since Go 1.24
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Link(temp, path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		if _, there := os.Lstat(path); errors.Is(there, fs.ErrNotExist) {
			err = os.Rename(temp, path) // a file system without hard links
		}
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return refuse(path, "cannot be made", "make room, or check the permissions of its directory", err)
	}
	return nil
}
