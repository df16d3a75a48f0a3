package page

import (
	"strconv"
	"strings"
	"time"

	"doorman/model"
	"doorman/model/query"
	"doorman/ui/term"
)

// program is how this console's program is called, with what chose the database.
func (e *Env) program() string {
	if e.Program == "" {
		return "doorman"
	}
	return e.Program
}

// argument writes a word that no command takes for a flag.
func argument(word string) string {
	if strings.HasPrefix(word, "-") {
		return "-- " + term.ShellQuote(word)
	}
	return term.ShellQuote(word)
}

// commandOf writes a filter line as flags of a command: flags maps fields to
// them, "" standing for text. A line that has more than they can say is passed
// on as it is.
func commandOf(command, line string, flags map[string]string) string {
	words, _ := query.Split(line)
	said, seen := command, map[string]bool{}
	for _, w := range words {
		flag, ok := flags[w.Field]
		again := seen[w.Field]
		seen[w.Field] = true
		if !ok || w.Not || again {
			return withLine(command, line)
		}
		said += " --" + flag + " " + term.ShellQuote(w.Value)
	}
	return said
}

// withLine adds a filter line to a command, where there is one.
func withLine(command, line string) string {
	if line == "" {
		return command
	}
	return command + " --filter " + term.ShellQuote(line)
}

// Command implements Commander.
func (p *resets) Command() string {
	c := p.env.program() + " resets"
	if p.sort != model.ByCreated {
		c += " --sort " + string(p.sort)
	}
	if p.asc {
		c += " --asc"
	}
	return commandOf(c, p.bar.text, map[string]string{"state": "state", "ip": "ip", "agent": "agent", "since": "since", "until": "until", "account": "account"})
}

// Command implements Commander.
func (p *accounts) Command() string {
	c := p.env.program() + " accounts"
	if p.sort != model.ByEmail {
		c += " --sort " + string(p.sort)
	}
	if p.desc {
		c += " --desc"
	}
	f := p.query(p.bar.text)
	if f.Held {
		c += " --held"
	}
	if f.Query != "" {
		c += " -- " + term.ShellQuote(f.Query)
	}
	return c
}

// Command implements Commander.
func (p *account) Command() string {
	return p.env.program() + " account " + argument(p.id)
}

// Command implements Commander.
func (p *clusters) Command() string {
	span := "1h"
	if d := windows()[p.window]; d > time.Hour {
		span = strconv.Itoa(int(d/(24*time.Hour))) + "d"
	}
	return withLine(p.env.program()+" clusters --since "+span, p.bar.text)
}

// Command implements Commander.
func (p *cluster) Command() string {
	return p.env.program() + " cluster " + argument(p.ref)
}

// Command implements Commander.
func (p *blocks) Command() string { return withLine(p.env.program()+" blocks", p.bar.text) }

// Command implements Commander.
func (p *cases) Command() string {
	return commandOf(p.env.program()+" cases", p.bar.text, map[string]string{"state": "state"})
}

// Command implements Commander.
func (p *outbox) Command() string {
	return commandOf(p.env.program()+" outbox", p.bar.text, map[string]string{"state": "state", "": "to"})
}

// Command implements Commander.
func (p *audit) Command() string {
	return commandOf(p.env.program()+" audit", p.bar.text, map[string]string{"verb": "verb", "by": "by", "since": "since", "until": "until", "": "text"})
}

// Command implements Commander.
func (p *batches) Command() string { return p.env.program() + " batches" }

// Command implements Commander.
func (p *batch) Command() string { return p.env.program() + " batches " + argument(p.row.ID) }
