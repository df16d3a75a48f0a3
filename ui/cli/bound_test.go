package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"doorman/model"
	"doorman/model/config"
)

// TestAFileWithoutAnEnd: what is configured or piped in is read up to a bound,
// and refused beyond it.
func TestAFileWithoutAnEnd(t *testing.T) {
	h, _, words := quietHost(t)
	h.Open = func(context.Context, OpenOptions) (*Session, error) { return nil, errors.New("opened") }
	if err := os.WriteFile(h.ConfigFile, []byte(strings.Repeat("# long\n", maxConfig)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Execute(t.Context(), h, []string{"accounts"}); got != exitUsage || !strings.Contains(words.String(), "is larger than 1 MiB") {
		t.Errorf("exit status %d, %q", got, words)
	}
	h, _, words = quietHost(t)
	h.Open = func(context.Context, OpenOptions) (*Session, error) { return nil, errors.New("opened") }
	h.Stdin = bytes.NewReader(bytes.Repeat([]byte("x"), maxHead+1))
	if got := Execute(t.Context(), h, []string{"audit", "verify", "--head", "-"}); got == exitDone || !strings.Contains(words.String(), "is larger than 16 KiB") {
		t.Errorf("exit status %d, %q", got, words)
	}
}

// TestAHeadIsNotWrittenOver: a file whose head the log does not hold stays.
func TestAHeadIsNotWrittenOver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "head")
	gone := &model.Error{Kind: model.Conflict, Text: "its end was cut off"}
	keep := HeadKeeper(config.Audit{HeadFile: file}, func(_ context.Context, old string) error {
		if old == "proof" {
			return gone
		}
		return nil
	})
	for _, head := range []string{"first", "proof"} {
		if err := keep(t.Context(), head); err != nil {
			t.Fatal(err)
		}
	}
	if err := keep(t.Context(), "after the cut"); !errors.Is(err, gone) {
		t.Error(err)
	}
	if text, _ := os.ReadFile(file); string(text) != "proof" {
		t.Errorf("the file holds %q", text)
	}
	if HeadKeeper(config.Audit{HeadEvery: 1}, nil) != nil {
		t.Error("heads are kept nowhere")
	}
}
