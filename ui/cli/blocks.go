package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/firewall"
	"doorman/model/query"
)

// blockList is one run of the command blocks.
type blockList struct {
	listing
	file, command string
	fields        fieldFlags
	says          string // the filter line that the flags come to
}

func (a *app) blocksCommand() *cobra.Command {
	b := blockList{listing: listing{output: output{more: firewallNames()}}}
	cmd := &cobra.Command{
		Use:   "blocks",
		Short: "List the blocks and exceptions in force, also for firewalls",
		Long: `List the blocks and exceptions in force, newest first; or print what other
programs read: cidr (a network a line), nftables (two sets with timeouts), nginx
(deny lines), nginx-geo ($doorman_blocked), haproxy (a map for map_ip). Where
the longest network does not win, the exceptions are cut out of the blocks. What
has expired is left out, and only nftables forgets by itself: run it again every
minute or so.

--write writes a file whole or not at all and keeps its mode; --run then runs a
command, without a shell, when something else is blocked than before. When the
command fails the file is put back as it was, so that the next run tries again.`,
		Example: `  doorman blocks
  doorman blocks --filter "state:any by:anna since:7d 203.0.113.0/24"
  doorman blocks -o nftables --write /etc/nftables.d/doorman.nft --run "nft -f /etc/nftables.d/doorman.nft"
  doorman blocks -o nginx --write /etc/nginx/doorman.conf --run "nginx -s reload"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			words, err := b.check()
			if err != nil {
				return err
			}
			q, err := query.ParseRules(b.says, a.Now())
			if err != nil {
				return err
			}
			return a.with(cmd, nil, func(ctx context.Context, d desk) error {
				if b.file == "" && !b.forFirewall() {
					return printList(ctx, a, &b.listing, ruleShape(b.says), a.rulesOf(d, q))
				}
				return a.writeBlocks(ctx, d, &b, words)
			})
		},
	}
	b.addTo(cmd)
	f := cmd.Flags()
	b.fields.addTo(cmd, query.ForRules(nil))
	f.StringVar(&b.file, "write", "", "write to `FILE`, whole or not at all")
	f.StringVar(&b.command, "run", "", "run `COMMAND` when the file blocks something else than before")
	return cmd
}

func firewallNames() []string {
	var names []string
	for _, f := range firewall.Formats() {
		names = append(names, string(f))
	}
	return names
}

func (b *blockList) forFirewall() bool { return slices.Contains(b.more, b.name) }

// check refuses what cannot be meant and takes the command apart.
func (b *blockList) check() ([]string, error) {
	if err := b.listing.check(); err != nil {
		return nil, err
	}
	var err error
	if b.says, err = b.fields.text(); err != nil {
		return nil, err
	}
	switch {
	case b.command != "" && b.file == "":
		return nil, &model.Error{Kind: model.Invalid, Field: "run", Text: "goes with --write only", Hint: "name the file that the command reads"}
	case b.file != "" && b.isTable():
		return nil, &model.Error{Kind: model.Invalid, Field: "write", Text: "no format for the file", Hint: "add -o nftables, -o nginx, -o csv, …"}
	case b.after != "" && (b.file != "" || b.forFirewall()):
		return nil, &model.Error{Kind: model.Invalid, Field: "after", Text: "goes with a printed list only", Hint: "a firewall needs all of them"}
	case b.says != "" && (b.file != "" || b.forFirewall()):
		return nil, &model.Error{Kind: model.Invalid, Field: "filter", Text: "goes with a printed list only", Hint: "a firewall needs all of them; doorman export blocks takes it, too"}
	case b.command == "":
		return nil, nil
	}
	words, ok := splitWords(b.command)
	if !ok || len(words) == 0 {
		return nil, &model.Error{Kind: model.Invalid, Field: "run", Text: model.Quote(b.command) + " is not a command", Hint: "check the quotes in it"}
	}
	return words, nil
}

// rulesOf reads what a filter line selects, page by page.
func (a *app) rulesOf(d desk, q query.Rules) func(context.Context, model.Paging) (model.Page[model.Rule], error) {
	return func(ctx context.Context, at model.Paging) (model.Page[model.Rule], error) {
		return q.Page(ctx, a.Now(), at, d.store.ListRules)
	}
}

// writeBlocks writes all that is in force, as other programs read it or into a
// file.
func (a *app) writeBlocks(ctx context.Context, d desk, b *blockList, words []string) error {
	rules, err := allRules(ctx, d)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if b.forFirewall() {
		err = firewall.Write(&text, firewall.Format(b.name), rules, a.Now())
	} else {
		whole := *a
		whole.Stdout = &text
		whole.Terminal = func(string) bool { return false } // the bytes go into a file, exact
		err = printAll(&whole, &b.output, ruleShape(""), rules)
	}
	if err != nil {
		return err
	}
	if b.file == "" {
		_, err := a.Stdout.Write(text.Bytes())
		return err
	}
	return a.install(ctx, b.file, text.Bytes(), words)
}

// install puts a file in its place and runs the command when that changes what
// is blocked.
func (a *app) install(ctx context.Context, path string, text []byte, words []string) error {
	if at, err := filepath.EvalSymlinks(path); err == nil {
		path = at // a link stays a link
	}
	before, mode, err := existing(path)
	if err != nil {
		return err
	}
	same := before != nil && firewall.Same(before, text)
	if !bytes.Equal(before, text) || before == nil {
		if err := putFile(path, mode, writeBytes(text)); err != nil {
			return err
		}
	}
	if same {
		a.say("%s blocks the same as before", path)
		return nil
	}
	a.say("written to %s", path)
	if len(words) == 0 {
		return nil
	}
	run := exec.CommandContext(ctx, words[0], words[1:]...) // #nosec G204 -- the operator's own command line
	run.Stdout, run.Stderr = a.Stderr, a.Stderr
	failed := run.Run()
	if failed == nil {
		return nil
	}
	back := "the file was put back as it was"
	if before == nil {
		err, back = os.Remove(path), "the file was removed again"
	} else {
		err = putFile(path, mode, writeBytes(before))
	}
	if err != nil {
		return errors.Join(&model.Error{Kind: model.Unavailable, Field: words[0], Text: failed.Error(), Hint: "the new file is still at " + path}, err)
	}
	return &model.Error{Kind: model.Unavailable, Field: words[0], Text: failed.Error(), Hint: back, Err: failed}
}

func writeBytes(text []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(text); return err }
}

// maxBlocks bounds the file that is to be replaced, in bytes: a million networks
// in the longest form.
const maxBlocks = 256 << 20

// existing reads the file that is to be replaced; nil when there is none.
func existing(path string) ([]byte, fs.FileMode, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0o644, nil // read by the user that the firewall or web server runs as
	case err != nil:
		return nil, 0, fileError(path, err)
	case !info.Mode().IsRegular():
		return nil, 0, &model.Error{Kind: model.Conflict, Field: path, Text: "is not a regular file", Hint: "name another file"}
	}
	text, err := readFile(path, maxBlocks)
	if err != nil {
		return nil, 0, err
	}
	return text, info.Mode().Perm(), nil
}

// splitWords takes a command apart at its spaces, but for those in quotes. It
// knows nothing else of a shell.
func splitWords(s string) (words []string, ok bool) {
	var word strings.Builder
	inWord, quote := false, rune(0)
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, inWord = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, quote == 0
}
