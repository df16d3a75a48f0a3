package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"doorman/model"
	"doorman/ui/term"
)

// gesture is the flags of a command that changes something.
type gesture struct {
	reason string
	yes    bool
	dry    bool
}

func (g *gesture) addTo(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&g.reason, "reason", "", "`TEXT` for the audit log: why")
	f.BoolVarP(&g.yes, "yes", "y", false, "do not ask")
	f.BoolVarP(&g.dry, "dry-run", "n", false, "print what would be done, change nothing")
}

// neverAsks is the help of --yes where nothing is asked: what it does is as
// easily undone.
const neverAsks = "accepted for scripts; this command never asks"

// addUnasked is addTo for a command that never asks.
func (g *gesture) addUnasked(cmd *cobra.Command) {
	g.addTo(cmd)
	cmd.Flags().Lookup("yes").Usage = neverAsks
}

// act returns the operator with the reason given.
func (g *gesture) act(d desk) model.Act {
	act := d.act
	act.Reason = model.CleanText(strings.TrimSpace(g.reason), model.MaxReason)
	return act
}

// confirm asks before an act on n records. Above model.TypedCountAbove their
// number has to be typed. Without a terminal only --yes will do.
func (a *app) confirm(ctx context.Context, g *gesture, question string, n int) error {
	if g.yes {
		return nil
	}
	if !a.Terminal("stdin") || !a.Terminal("stderr") {
		return &model.Error{Kind: model.Invalid, Text: "no terminal to confirm on",
			Hint: "add --yes, or look first with --dry-run"}
	}
	want, how := "y", "[y/N]"
	if n > model.TypedCountAbove {
		want = strconv.Itoa(n)
		how = "type " + want + " to confirm:"
	}
	fmt.Fprintf(a.Stderr, "%s %s ", term.Show(question), how)
	answer, err := a.readLine(ctx)
	if err != nil {
		return err
	}
	if answer = strings.ToLower(answer); answer == want || want == "y" && answer == "yes" {
		return nil
	}
	return &model.Error{Kind: model.Refused, Text: "not confirmed, nothing was changed"}
}

// readLine reads one line from stdin, or gives up when ctx ends. The end of
// stdin ends the line.
func (a *app) readLine(ctx context.Context) (string, error) {
	return waitFor(ctx, a.Catch, func() (string, error) {
		line, err := bufio.NewReader(io.LimitReader(a.Stdin, 64<<10)).ReadString('\n')
		if err == io.EOF {
			err = nil
		}
		return strings.TrimSpace(line), err
	})
}

// waitFor waits for a line, but no longer than ctx: a read of a terminal cannot
// be broken off.
func waitFor(ctx context.Context, caught func(), read func() (string, error)) (string, error) {
	type result struct {
		line string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		defer caught()
		line, err := read()
		got <- result{line, err}
	}()
	select {
	case r := <-got:
		return r.line, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
