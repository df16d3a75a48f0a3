package page

import (
	"errors"
	"strings"

	"doorman/model"
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

// Problem is how every part of the console words an error, with a hint that fits
// the console. The text is not yet made safe for the screen.
func Problem(err error) (text, hint string) {
	var e *model.Error
	switch {
	case !errors.As(err, &e):
	case e.Key != "":
		return e.Error(), e.Key
	case strings.Contains(" "+e.Hint, " --"):
		return e.Error(), "" // a flag of the command line: nothing that can be done from here
	default:
		return e.Error(), e.Hint
	}
	return "something went wrong that Doorman did not expect; the log has it", ""
}
