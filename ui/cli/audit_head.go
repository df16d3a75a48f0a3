package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/config"
)

func (a *app) headCommand() *cobra.Command {
	var to config.Audit
	cmd := &cobra.Command{
		Use:   "head",
		Short: "Print the signed head of the log, to keep elsewhere",
		Long: `Check the log and print its signed head: the number of its last entry, its hash
and a signature with a key that is derived from the link key. Keep it where
users of the database cannot change it: it proves later that nothing up to that
entry was changed, and that no end was cut off.

--write keeps it in a file, whole or not at all, and never replaces a head that
the log no longer holds; --run passes it to a command on its standard input,
without a shell. audit.head_file, audit.head_run and audit.head_every in the
configuration do both by themselves.`,
		Example: `  doorman audit head > head.txt
  doorman audit head --write /mnt/worm/doorman.head
  doorman audit head --run "mail -s doorman-head auditor@example.org"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, needKey, func(ctx context.Context, d desk) error {
				head, err := d.store.AuditHead(ctx)
				if err != nil {
					return err
				}
				if to.HeadFile == "" && to.HeadRun == "" {
					_, err = io.WriteString(a.Stdout, head)
					return err
				}
				return HeadKeeper(to, d.store.HoldsHead)(ctx, head)
			})
		},
	}
	cmd.Flags().StringVar(&to.HeadFile, "write", "", "keep it in `FILE`")
	cmd.Flags().StringVar(&to.HeadRun, "run", "", "hand it to `COMMAND`")
	return cmd
}

// HeadKeeper returns what puts a signed head where c says; nil when it says
// nothing. A file that holds a head already is replaced only when holds says that
// the log still has what it names: else the proof that something is gone would be
// written over.
func HeadKeeper(c config.Audit, holds func(ctx context.Context, old string) error) func(ctx context.Context, head string) error {
	if c.HeadFile == "" && c.HeadRun == "" {
		return nil
	}
	return func(ctx context.Context, head string) error { return keepHead(ctx, c, head, holds) }
}

func keepHead(ctx context.Context, c config.Audit, head string, holds func(context.Context, string) error) error {
	if c.HeadFile != "" {
		_, old, err := keptHead(c.HeadFile)
		if err == nil && len(old) > 0 {
			err = holds(ctx, string(old))
		}
		if err == nil {
			err = putFile(c.HeadFile, 0o600, writeBytes([]byte(head)))
		}
		if err != nil {
			return err
		}
	}
	if c.HeadRun == "" {
		return nil
	}
	words, ok := splitWords(c.HeadRun)
	if !ok || len(words) == 0 {
		return &model.Error{Kind: model.Invalid, Field: "audit.head_run", Text: model.Quote(c.HeadRun) + " is not a command", Hint: "check the quotes in it"}
	}
	run := exec.CommandContext(ctx, words[0], words[1:]...) // #nosec G204 -- the operator's own configuration
	run.Stdin = strings.NewReader(head)
	out, err := run.CombinedOutput()
	if err != nil {
		return &model.Error{Kind: model.Unavailable, Field: words[0], Text: err.Error(), Hint: lastLine(out), Err: err}
	}
	return nil
}

// lastLine is what a command said at its end, for a hint.
func lastLine(out []byte) string {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return model.CleanText(string(lines[len(lines)-1]), 300)
}

// keptHead reads the head in a file; no head when there is no such file, or no
// file is named.
func keptHead(path string) (found string, head []byte, err error) {
	if path == "" {
		return "", nil, nil
	}
	head, err = readFile(path, maxHead)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	return path, head, nil
}

// examineHead looks at the kept head of the log, for doctor.
func examineHead(ctx context.Context, d desk) []model.Check {
	path, head, err := keptHead(d.conf.Audit.HeadFile)
	switch {
	case err != nil:
		return []model.Check{failed("audit head", err)}
	case d.conf.Audit.HeadFile == "" && d.conf.Audit.HeadRun == "":
		return []model.Check{{Name: "audit head", OK: true, Text: "no signed heads are kept: a cut log would not be noticed"}}
	case path == "":
		return []model.Check{{Name: "audit head", OK: true, Text: "none kept yet"}}
	}
	if err := d.store.HoldsHead(ctx, string(head)); err != nil {
		return []model.Check{failed("audit head", err)}
	}
	return []model.Check{{Name: "audit head", OK: true, Text: fmt.Sprintf("the log holds the one in %s", path)}}
}

// maxHead bounds a signed head, in bytes.
const maxHead = 16 << 10

// readAll reads a small file, or stdin for "-".
func (a *app) readAll(path string, most int64) ([]byte, error) {
	if path != "-" {
		return readFile(path, most)
	}
	b, err := model.ReadBounded(a.Stdin, most)
	if err != nil {
		return nil, fileError("standard input", err)
	}
	return b, nil
}
