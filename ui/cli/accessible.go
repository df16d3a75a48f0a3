package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"doorman/model"
	"doorman/ui/term"
)

// plain is the console in lines, for screen readers, braille displays and
// terminals that can do nothing else: no screen is drawn, questions come one
// after the other, every list is sentences with numbers. What it does it does by
// the commands themselves.
type plain struct {
	*app
	ctx    context.Context
	desk   desk
	global []string // flags that every command is given
	refs   []string // what the numbers of the last list stand for
	kind   string   // what that list was of
}

// isPlain reports whether the operator wants lines instead of a screen: by the
// flag or, as other programs have it, by ACCESSIBLE in the environment.
func (a *app) isPlain() bool { return a.flags.accessible || a.Getenv("ACCESSIBLE") != "" }

// runPlain is runConsole in lines.
func (a *app) runPlain(cmd *cobra.Command, o OpenOptions) error {
	if a.Open == nil {
		return unavailable("the database")
	}
	s, err := a.Open(cmd.Context(), o)
	if err != nil {
		return startError{err}
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	sent := make(chan error, 1)
	go func() {
		defer close(sent)
		defer a.Catch()
		if courier, err := s.Courier(); err == nil && !o.ReadOnly {
			sent <- courier.Run(ctx)
		}
	}()
	err = a.converse(ctx, cmd, s, o)
	cancel()
	err = errors.Join(err, <-sent, s.Close())
	return errors.Join(err, cmd.Context().Err())
}

// converse asks what to do until the operator quits or the input ends.
func (a *app) converse(ctx context.Context, cmd *cobra.Command, s *Session, o OpenOptions) error {
	h := a.Host
	h.Stdin = lineByLine{bufio.NewReader(a.Stdin)}
	h.Open = func(context.Context, OpenOptions) (*Session, error) {
		return &Session{Store: s.Store, Courier: s.Courier, Close: func() error { return nil }}, nil
	}
	p := &plain{app: &app{Host: h}, ctx: ctx, desk: desk{Session: s, store: s.Store, act: o.Act, conf: o.Config}}
	cmd.Root().PersistentFlags().Visit(func(f *pflag.Flag) { p.global = append(p.global, "--"+f.Name+"="+f.Value.String()) })
	p.line("Doorman, in lines. Database %s, operator %s, %s.", o.Path, o.Act.Operator, o.Act.Role)
	if o.ReadOnly {
		p.line("Opened read-only: nothing can be changed.")
	}
	if err := p.clusters(); err != nil {
		p.report(ctx, err)
	}
	for ctx.Err() == nil {
		answer, err := p.ask("What next? A number, a command, m for the menu, q to quit:")
		switch {
		case err != nil:
			return err
		case answer == "q" || answer == "quit" || answer == "exit":
			return nil
		}
		if err := p.choose(answer); err != nil {
			p.report(ctx, err)
		}
	}
	return nil
}

// line writes a line of words.
func (p *plain) line(format string, args ...any) {
	fmt.Fprintln(p.Stdout, term.Show(fmt.Sprintf(format, args...)))
}

// ask asks a question on a line of its own. The end of the input is q.
func (p *plain) ask(question string) (string, error) {
	fmt.Fprintf(p.Stdout, "\n%s ", question)
	return p.readLine(p.ctx)
}

// lineByLine hands out one line a read, so that the next question finds the next
// line. The end of the input reads as q.
type lineByLine struct{ in *bufio.Reader }

// Read implements io.Reader. A line longer than p comes in pieces.
func (l lineByLine) Read(p []byte) (int, error) {
	for n := range p {
		b, err := l.in.ReadByte()
		switch {
		case err == io.EOF && n == 0:
			return copy(p, "q\n"), nil
		case err != nil:
			return n, err
		}
		if p[n] = b; b == '\n' {
			return n + 1, nil
		}
	}
	return len(p), nil
}

// choose does what the operator typed: an entry of the menu, a number of the
// last list, or any command.
func (p *plain) choose(answer string) error {
	if n, err := strconv.Atoi(answer); err == nil {
		return p.pick(n)
	}
	if _, do, ok := p.entry(answer); ok {
		return do()
	}
	words, err := split(answer)
	if err != nil || len(words) == 0 {
		return err
	}
	if words[0] == "demo" || words[0] == "doorman" && len(words) == 1 {
		return &model.Error{Kind: model.Invalid, Text: "this is open already", Hint: "m shows the menu"}
	}
	if words[0] == "doorman" {
		words = words[1:]
	}
	return p.run(words...)
}

// entries are the lines of the menu: a letter, what it does, and how.
func (p *plain) entries() []struct {
	key, does string
	do        func() error
} {
	return []struct {
		key, does string
		do        func() error
	}{
		{"c", "list what looks like an attack, worst first", p.clusters},
		{"a", "find accounts by any part of the address", p.accounts},
		{"r", "list the newest resets", func() error { return p.run("resets", "--limit", "10") }},
		{"b", "list the blocked networks and the exceptions", func() error { return p.run("blocks") }},
		{"o", "list the newest emails", func() error { return p.run("outbox", "--limit", "10") }},
		{"l", "read the operators' log", func() error { return p.run("audit", "--since", "24h", "--limit", "10") }},
		{"z", "undo the last batch", p.undo},
		{"m", "show this menu", p.menu},
	}
}

func (p *plain) entry(key string) (does string, do func() error, ok bool) {
	for _, e := range p.entries() {
		if e.key == key {
			return e.does, e.do, true
		}
	}
	return "", nil, false
}

func (p *plain) menu() error {
	for _, e := range p.entries() {
		p.line("%s: %s", e.key, e.does)
	}
	p.line("q: quit")
	p.line("A number acts on an entry of the last list. Any command of doorman works, too: help lists them.")
	return nil
}

// run runs a command as the command line does, on the open database.
func (p *plain) run(args ...string) error {
	a := &app{Host: p.Host}
	root := a.rootCommand()
	root.SetArgs(append(args, p.global...))
	return root.ExecuteContext(p.ctx)
}

// split takes a line apart as a shell does with spaces and quotes.
func split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	open, quote := false, rune(0)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote, open = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(r)
			open = true
		}
	}
	if quote != 0 {
		return nil, &model.Error{Kind: model.Invalid, Text: "a quote is not closed", Hint: "write \"two words\""}
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}
