package page

import (
	"errors"

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

// Problem is how every part of the console words an error. The text is not yet
// made safe for the screen.
func Problem(err error) (text, hint string) {
	var e *model.Error
	if errors.As(err, &e) {
		return e.Error(), e.Hint
	}
	return "something went wrong that Doorman did not expect; the log has it", ""
}
