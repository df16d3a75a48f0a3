package page

import (
	"strings"

	"doorman/model"
	"doorman/ui/term"
)

// commandOf writes a filter line as a command: flags maps fields to flags, ""
// standing for text. What no flag selects follows as a comment, so that nobody
// takes the longer list for the same one.
func commandOf(command, line string, flags map[string]string) string {
	var left []string
	for _, w := range wordsOf(line) {
		flag, ok := flags[w.field]
		if !ok {
			left = append(left, join([]word{w}))
			continue
		}
		command += " --" + flag + " " + shellQuote(w.value)
	}
	if len(left) > 0 {
		command += " # without the filter " + term.Show(strings.Join(left, " "))
	}
	return command
}

// Command implements Commander.
func (p *resets) Command() string {
	c := "doorman resets"
	if p.sort != model.ByCreated {
		c += " --sort " + string(p.sort)
	}
	if p.asc {
		c += " --asc"
	}
	return commandOf(c, p.bar.text, map[string]string{"state": "state", "ip": "ip", "agent": "agent", "since": "since", "until": "until", "account": "account"})
}

// Command implements Commander.
func (p *outbox) Command() string {
	return commandOf("doorman outbox", p.bar.text, map[string]string{"state": "state", "": "to"})
}

// Command implements Commander.
func (p *audit) Command() string {
	return commandOf("doorman audit", p.bar.text, map[string]string{"verb": "verb", "operator": "by", "since": "since", "until": "until", "": "text"})
}

// Command implements Commander.
func (p *batches) Command() string { return "doorman batches" }

// Command implements Commander.
func (p *batch) Command() string { return "doorman batches " + shellQuote(p.row.ID) }
