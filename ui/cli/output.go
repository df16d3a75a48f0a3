package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/model/transfer"
	"doorman/ui/term"
)

// sink is stdout. It remembers that it took no more: a command whose work is
// done must not be taken for one that did nothing.
type sink struct {
	io.Writer
	err error
}

// Write passes on what is printed.
func (o *sink) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// problem words the failure for the person.
func (o *sink) problem() error {
	err := o.err
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err
	}
	return &model.Error{Kind: model.Unavailable, Text: "the output could not be written: " + err.Error(), Err: o.err,
		Hint: "look at where it goes; if the command was to change anything, that is done, and doorman audit tells what"}
}

// output is how a command prints its data.
type output struct {
	name string
	more []string // formats of this command alone
}

func (o *output) formats() []string {
	return append([]string{"table", "json", "jsonl", "csv"}, o.more...)
}

// addTo gives a command the flag -o.
func (o *output) addTo(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&o.name, "output", "o", "table", "print the data as `FORMAT`: "+orList(o.formats()))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(o.formats(), cobra.ShellCompDirectiveNoFileComp))
}

func (o *output) isTable() bool { return o.name == "table" }

// check refuses an unknown format before any work is done.
func (o *output) check() error {
	if slices.Contains(o.formats(), o.name) {
		return nil
	}
	return &model.Error{Kind: model.Invalid, Field: "output", Text: "there is no format " + model.Quote(o.name), Hint: "use " + orList(o.formats())}
}

// orList writes words as a choice: "a, b or c".
func orList(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// printer prints records one by one.
type printer[T any] interface {
	Write(v *T) error
	Close() error
}

// shape is what records of one kind look like.
type shape[T any] struct {
	exact []transfer.Column[T] // json, jsonl and csv
	table []transfer.Column[T]
}

func newPrinter[T any](a *app, o *output, s shape[T]) (printer[T], error) {
	if o.isTable() {
		return &table[T]{out: a.Stdout, columns: s.table}, nil
	}
	return transfer.NewWriter(a.safeOut(o), transfer.Format(o.name), s.exact)
}

// printAll prints records that are all there.
func printAll[T any](a *app, o *output, s shape[T], rows []T) error {
	p, err := newPrinter(a, o, s)
	if err != nil {
		return err
	}
	for i := range rows {
		if err := p.Write(&rows[i]); err != nil {
			return err
		}
	}
	return p.Close()
}

// listing is the flags of a command that prints a list.
type listing struct {
	output
	limit int
	after string
}

func (l *listing) addTo(cmd *cobra.Command) {
	l.output.addTo(cmd)
	cmd.Flags().IntVar(&l.limit, "limit", model.DefaultLimit, "print at most `N` lines; 0 means all")
	cmd.Flags().StringVar(&l.after, "after", "", "go on after the `CURSOR` that a cut list printed")
}

func (l *listing) check() error {
	if l.limit < 0 {
		return errLimit()
	}
	return l.output.check()
}

// errLimit refuses a limit below zero.
func errLimit() error {
	return &model.Error{Kind: model.Invalid, Field: "limit", Text: "cannot be below zero", Hint: "0 means all"}
}

// printList prints page after page until the limit, and says when it cut the
// list. Nothing at all is exit status 3.
func printList[T any](ctx context.Context, a *app, l *listing, s shape[T], page func(context.Context, model.Paging) (model.Page[T], error)) error {
	p, err := newPrinter(a, &l.output, s)
	if err != nil {
		return err
	}
	after, n := model.Cursor(l.after), 0
	for {
		ask := model.Paging{Limit: model.MaxLimit / 10, After: after}
		if l.limit > 0 {
			ask.Limit = min(ask.Limit, l.limit-n)
		}
		got, err := page(ctx, ask)
		if err != nil {
			return err
		}
		for i := range got.Items {
			if err := p.Write(&got.Items[i]); err != nil {
				return err
			}
		}
		n += len(got.Items)
		after = got.Next
		if after == "" || l.limit > 0 && n >= l.limit {
			break
		}
	}
	if err := p.Close(); err != nil {
		return err
	}
	switch {
	case n == 0 && l.after == "":
		a.say("nothing found")
		return errNothing
	case after != "":
		a.say("the list is cut at %d; go on with --after %s, or print all with --limit 0", n, after)
	}
	return nil
}

// safeOut returns stdout, made harmless where text from outside would reach a
// terminal as it is. JSON needs no such care: it escapes.
func (a *app) safeOut(o *output) io.Writer {
	if o.name == "csv" && a.Terminal("stdout") {
		return shownLines{a.Stdout}
	}
	return a.Stdout
}

// shownLines passes each line through term.Show.
type shownLines struct{ w io.Writer }

// Write expects whole lines, as a CSV writer that is flushed at its end gives.
func (s shownLines) Write(b []byte) (int, error) {
	lines := strings.SplitAfter(string(b), "\n")
	for _, line := range lines {
		text, end := strings.CutSuffix(line, "\n")
		out := term.Show(text)
		if end {
			out += "\n"
		}
		if _, err := io.WriteString(s.w, out); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}
