package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"doorman/model"
)

// env is an environment for one test.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestOrderOfPlaces(t *testing.T) {
	creds, dir := t.TempDir(), t.TempDir()
	file := filepath.Join(dir, "password")
	p := Place{Name: "smtp", File: file, Env: "SMTP_PASSWORD", Getenv: env("CREDENTIALS_DIRECTORY", creds, "SMTP_PASSWORD", "from env")}
	want := func(value, place string) {
		t.Helper()
		got, from, err := Load(p)
		if err != nil || string(got) != value || !strings.Contains(from, place) {
			t.Errorf("%q %q %v, want %q", got, from, err, value)
		}
	}
	want("from env", "SMTP_PASSWORD")
	write(t, file, "from file\n", 0o600)
	want("from file", file)
	write(t, filepath.Join(creds, "smtp"), " from creds\r\n", 0o400)
	want(" from creds", "credentials")
	if got, from, err := Load(Place{Name: "none", File: filepath.Join(dir, "none"), Env: "NONE", Getenv: env()}); got != nil || from != "" || err != nil {
		t.Error(got, from, err)
	}
}

func TestRefusedFiles(t *testing.T) {
	dir := t.TempDir()
	const hidden = "hunter2"
	paths := map[string]string{}
	for name, mode := range map[string]os.FileMode{"group": 0o640, "world": 0o604, "writable": 0o620} {
		paths[name] = filepath.Join(dir, name)
		write(t, paths[name], hidden, mode)
	}
	paths["directory"] = dir
	paths["empty"] = filepath.Join(dir, "empty")
	write(t, paths["empty"], "\n", 0o600)
	paths["long"] = filepath.Join(dir, "long")
	write(t, paths["long"], strings.Repeat(hidden, 1000), 0o600)
	paths["link"] = filepath.Join(dir, "link")
	if err := os.Symlink(paths["world"], paths["link"]); err != nil {
		t.Fatal(err)
	}
	for name, path := range paths {
		value, _, err := Load(Place{File: path, Getenv: env()})
		var e *model.Error
		if value != nil || !errors.As(err, &e) || e.Hint == "" || strings.Contains(fmt.Sprintf("%+v", e), hidden) {
			t.Errorf("%s: %q %+v", name, value, err)
		}
	}
}

func TestMakesKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config", "doorman", "link.key")
	p := Place{Name: "link.key", File: path, Getenv: env()}
	if key, _, err := LoadKey(p, false); key != nil || err != nil {
		t.Fatal(key, err)
	}
	if _, err := os.Lstat(filepath.Dir(path)); err == nil {
		t.Fatal("a look made a directory")
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	prints := map[string]bool{}
	for range 8 {
		all.Go(func() {
			key, from, err := LoadKey(p, true)
			if err != nil || len(key) != model.KeySize || from == "" {
				t.Error(key, from, err)
			}
			mu.Lock()
			prints[key.Fingerprint()] = true
			mu.Unlock()
		})
	}
	all.Wait()
	if len(prints) != 1 {
		t.Error(len(prints), "different keys were made")
	}
	for path, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Error(path, info.Mode(), err)
		}
	}
	if list, _ := os.ReadDir(filepath.Dir(path)); len(list) != 1 {
		t.Error(list)
	}
}

func TestKeyForms(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb, 'a'}, 16)
	path := filepath.Join(t.TempDir(), "key")
	for _, text := range []string{hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)) + "\n",
		base64.StdEncoding.EncodeToString(raw) + "\n", base64.RawURLEncoding.EncodeToString(raw)} {
		write(t, path, text, 0o600)
		if key, _, err := LoadKey(Place{File: path, Getenv: env()}, true); err != nil || !bytes.Equal(key, raw) {
			t.Errorf("%q: %v %v", text, key, err)
		}
	}
	for _, text := range []string{"short", string(raw), hex.EncodeToString(raw) + "00", strings.Repeat("z", 64)} {
		write(t, path, text, 0o600)
		_, _, err := LoadKey(Place{File: path, Getenv: env()}, true)
		if !model.IsKind(err, model.Refused) || strings.Contains(fmt.Sprintf("%+v", err), text) {
			t.Errorf("%q: %v", text, err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Error("the file was overwritten")
		}
	}
}

func TestKeyNotMadeWhereOthersWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadKey(Place{File: filepath.Join(dir, "key"), Getenv: env()}, true); !model.IsKind(err, model.Refused) {
		t.Error(err)
	}
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Error(list)
	}
}
