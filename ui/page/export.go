package page

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
	"doorman/model/transfer"
)

// Exports notes in the log what left the database.
type Exports interface {
	LogExport(ctx context.Context, act model.Act, what string, n int) error
}

// outlet is how a list is exported: its records as files have them, and how to
// read all that a line selects, page by page.
type outlet[T any] struct {
	columns func() []transfer.Column[T]
	pages   func(line string) func(context.Context, model.Paging) (model.Page[T], error)
	slot    Slot
	done    *atomic.Int64 // records of the export that is under way; nil: none is
}

// exportPage is how many records an export reads at once.
const exportPage = 2000

// exporting returns the action of writing the list to a file.
func (s *sought[T]) exporting() Action {
	off := func() string {
		switch {
		case s.out.done != nil:
			return "an export is under way"
		case s.env.NewFile == nil:
			return "no file can be written from here"
		case s.Len() == 0 && s.Marks() == 0:
			return "there is nothing to export"
		}
		return ""
	}
	return Action{Keys: []string{"ctrl+s"}, Help: "export the marked rows, all that match or the page, to a file", Off: off, Run: s.askFile}
}

// portion is how much of a list is exported.
type portion[T any] struct {
	what string
	rows func() []T // nil: all that can be read
}

// portions are what can be exported now, the likeliest first.
func (s *sought[T]) portions() []portion[T] {
	shown := s.Shown() // before the question takes lines from them
	out := []portion[T]{{"all that match", nil}, {"the " + model.Plural(len(shown), "row") + " shown", func() []T { return shown }}}
	if n := s.Marks(); n > 0 {
		return append([]portion[T]{{model.Plural(n, "marked row"), s.Marked}}, out...)
	}
	return out
}

func (s *sought[T]) askFile() tea.Cmd {
	all, at := s.portions(), 0
	hint := func() string {
		return all[at].what + " as .csv, .jsonl or .json by the name; tab: " + all[(at+1)%len(all)].what + "; no file is replaced"
	}
	name := s.view + "-" + s.env.Now().UTC().Format("20060102-150405") + ".csv"
	s.asked.begin(s.env.Theme, "export to", hint(), name, checkExport, func(path string) tea.Cmd { return s.export(path, all[at].rows) })
	s.asked.turn = func() string { at = (at + 1) % len(all); return hint() }
	s.asked.stays, s.asked.busy = true, s.underWay
	s.fit()
	return nil
}

func checkExport(path string) error {
	if _, err := exportFormat(path); err != nil {
		return err
	}
	if strings.ContainsAny(path, "\x00\n\r") {
		return &model.Error{Kind: model.Invalid, Text: "that is not a file name", Hint: "write it as resets.csv"}
	}
	return nil
}

func exportFormat(path string) (transfer.Format, error) {
	if filepath.Ext(path) == ".json" {
		return transfer.JSON, nil
	}
	return transfer.FormatOf(path)
}

// export writes the file outside of the event loop. It outlives the page, and
// quitting waits for it.
func (s *sought[T]) export(path string, some func() []T) tea.Cmd {
	e, read, line := s.env, s.out.pages(s.bar.text), s.bar.text
	if some != nil {
		rows := some()
		read = func(ctx context.Context, _ model.Paging) (model.Page[T], error) {
			return model.Page[T]{Items: rows}, ctx.Err()
		}
	}
	format, _ := exportFormat(path)
	columns, done := s.out.columns(), &atomic.Int64{}
	s.out.done = done
	e.Saves.n.Add(1)
	what := s.view
	if line != "" {
		what += " " + line
	}
	question := s.asked.prompt
	return Load(&s.out.slot, func(ctx context.Context) (int, error) {
		defer e.Saves.n.Add(-1)
		err := e.NewFile(path, func(w io.Writer) error {
			out, err := transfer.NewWriter(w, format, columns)
			if err == nil {
				err = everyRow(ctx, read, func(row T) error {
					done.Add(1)
					return out.Write(&row)
				})
			}
			if err == nil {
				err = out.Close()
			}
			if err == nil && !e.ReadOnly {
				err = e.Store.LogExport(ctx, e.Act, model.CleanText(what, model.MaxReason), int(done.Load()))
			}
			return err
		})
		return int(done.Load()), err
	}, func(n int, err error) tea.Cmd {
		s.out.done = nil
		open := question != nil && s.asked.prompt == question
		var plain *model.Error
		switch {
		case err != nil && open && errors.As(err, &plain):
			s.asked.err = err // below what was typed, to be corrected
			return nil
		case open:
			s.asked = asking{}
			s.fit()
		}
		if err != nil {
			return e.Send(Failed{err})
		}
		return e.Send(Toast{Text: model.Plural(n, "record") + " written to " + path})
	})
}

// everyRow calls do for all rows that can be read.
func everyRow[T any](ctx context.Context, read func(context.Context, model.Paging) (model.Page[T], error), do func(T) error) error {
	at := model.Paging{Limit: exportPage}
	for {
		p, err := read(ctx, at)
		if err != nil {
			return err
		}
		for _, row := range p.Items {
			if err := do(row); err != nil {
				return err
			}
		}
		if p.Next == "" {
			return nil
		}
		at.After = p.Next
	}
}

// underWay tells how far an export has come; "" when none is under way.
func (s *sought[T]) underWay() string {
	if s.out.done == nil {
		return ""
	}
	return "exporting, " + model.Thousands(int(s.out.done.Load())) + " so far"
}

// reads says how what a line selects is read, page by page, and how its records
// look in a file. pages is called in the event loop, what it returns outside.
func (s *sought[T]) reads(columns func() []transfer.Column[T], pages func(line string) func(context.Context, model.Paging) (model.Page[T], error)) {
	s.out.columns, s.out.pages = columns, pages
	s.find = func(line string, at model.Paging) func(context.Context) (model.Page[T], error) {
		read := pages(line)
		return func(ctx context.Context) (model.Page[T], error) { return read(ctx, at) }
	}
}
