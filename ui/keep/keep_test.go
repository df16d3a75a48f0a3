package keep

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"doorman/ui/page"
)

func saving(name string) func(*page.Habits) {
	return func(h *page.Habits) {
		h.Filters = append(h.Filters, page.SavedFilter{View: "resets", Name: name, Line: "state:live"})
	}
}

func TestWhatIsSavedIsThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "doorman")
	f := For(dir, "../anna/ü")
	if h, err := f.Load(); err != nil || len(h.Filters) > 0 {
		t.Fatalf("%+v, %v", h, err)
	}
	if err := f.Change(saving("one")); err != nil {
		t.Fatal(err)
	}
	h, err := For(dir, "../anna/ü").Load()
	if err != nil || len(h.Filters) != 1 || h.Filters[0].Line != "state:live" {
		t.Errorf("%+v, %v", h, err)
	}
	if h, _ := For(dir, "bob").Load(); len(h.Filters) > 0 {
		t.Error("operators share a file")
	}
	files, _ := os.ReadDir(dir)
	if len(files) != 1 {
		t.Errorf("there are %v", files)
	}
	if info, err := files[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Several consoles of one operator lose nothing of each other's.
func TestConsolesDoNotOverwriteEachOther(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			if err := For(dir, "anna").Change(saving(fmt.Sprint("filter ", i))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if h, err := For(dir, "anna").Load(); err != nil || len(h.Filters) != 12 {
		t.Errorf("%d filters, %v", len(h.Filters), err)
	}
}

func TestABrokenFileIsPutAside(t *testing.T) {
	for name, text := range map[string]string{"no JSON": "{\"filters\":[{", "another shape": `{"filters":{"a":1}}`, "empty": "", "binary": "\x00\xff\xfe",
		"long": "{\"lists\":null}" + strings.Repeat(" ", maxFile)} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := For(dir, "anna")
			if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if h, err := f.Load(); err == nil || len(h.Filters) > 0 {
				t.Errorf("%+v, %v", h, err)
			}
			aside, _ := filepath.Glob(f.path + ".bad-*")
			if len(aside) != 1 {
				t.Fatalf("put aside %v", aside)
			}
			if kept, _ := os.ReadFile(aside[0]); string(kept) != text {
				t.Error("what was there is lost")
			}
			if err := f.Change(saving("one")); err != nil {
				t.Error(err)
			}
			if h, err := f.Load(); err != nil || len(h.Filters) != 1 {
				t.Errorf("%+v, %v", h, err)
			}
		})
	}
}

// What no console has saved is left out, and what is hostile is no filter's name.
func TestOnlyWhatAConsoleSavesIsTaken(t *testing.T) {
	f := For(t.TempDir(), "anna")
	text := `{"lists":{"nowhere":{"sort":"x"},"resets":{"sort":"used"}},"filters":[{"view":"nowhere","name":"a","line":""},{"view":"resets","name":"","line":""},` +
		`{"view":"resets","name":"a","line":"` + strings.Repeat("x", 2000) + `"},{"view":"resets","name":"b","line":"ada"}]}`
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := f.Load()
	if err != nil || len(h.Filters) != 1 || h.Filters[0].Name != "b" || len(h.Lists) != 1 {
		t.Errorf("%+v, %v", h, err)
	}
}

// A program that died while it saved does not keep others out for ever, nor does
// half a file get into the place of a whole one.
func TestACrashWhileSaving(t *testing.T) {
	f := For(t.TempDir(), "anna")
	if err := f.Change(saving("one")); err != nil {
		t.Fatal(err)
	}
	lock := f.path + ".lock"
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Change(saving("two")); err == nil {
		t.Error("a lock that is held was passed over")
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(f.path), ".console-half"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-2 * lockStale)
	if err := os.Chtimes(lock, past, past); err != nil {
		t.Fatal(err)
	}
	if err := f.Change(saving("three")); err != nil {
		t.Error(err)
	}
	if h, err := f.Load(); err != nil || len(h.Filters) != 2 {
		t.Errorf("%+v, %v", h, err)
	}
}

// What cannot be read now may be what somebody needs: it is not written over.
func TestWhatCannotBeReadStays(t *testing.T) {
	dir := t.TempDir()
	f := For(dir, "anna")
	if err := os.Symlink(dir, f.path); err != nil { // opens, but cannot be read
		t.Fatal(err)
	}
	if err := f.Change(saving("one")); err == nil {
		t.Error("nobody was told")
	}
	if to, err := os.Readlink(f.path); to != dir {
		t.Errorf("it was replaced: %v", err)
	}
}

// A lock that was left behind and cannot be taken away is waited for, though not
// for ever.
func TestALockThatCannotBeTakenAway(t *testing.T) {
	f := For(t.TempDir(), "anna")
	lock, past := f.path+".lock", time.Now().Add(-2*lockStale)
	if err := errors.Join(os.MkdirAll(filepath.Join(lock, "held"), 0o700), os.Chtimes(lock, past, past)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.Change(saving("one")) }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("the lock was passed over")
		}
	case <-time.After(3 * time.Minute):
		t.Fatal("it waits for ever")
	}
}
