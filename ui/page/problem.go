package page

import (
	"errors"
	"strconv"

	"doorman/model"
	"doorman/ui/part"
)

// problem words an error for the person: the text of a *model.Error and its
// hint, or one fixed sentence for anything else, whose text is for the log.
func problem(err error) []string {
	text, hint := Problem(err)
	if hint == "" {
		return []string{text}
	}
	return []string{text, hint}
}

// Counted writes a tally as people say it: "1 reset, 3 accounts"; "" when all is
// zero.
func Counted(t model.Tally) string {
	said := ""
	for _, l := range t {
		if l.N == 0 {
			continue
		}
		if said != "" {
			said += ", "
		}
		label := l.Label
		if l.N == 1 {
			label = part.Singular(label)
		}
		said += strconv.Itoa(l.N) + " " + label
	}
	return said
}

// Problem is how every part of the console words an error. The text is not yet
// made safe for the screen.
func Problem(err error) (text, hint string) {
	var e *model.Error
	if errors.As(err, &e) {
		return e.Error(), e.Hint
	}
	return "something went wrong that Doorman did not expect; the log has it", ""
}
