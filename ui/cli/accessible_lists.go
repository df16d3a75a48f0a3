package cli

import (
	"strconv"
	"strings"

	"doorman/model"
	"doorman/model/detect"
	"doorman/ui/term"
)

// plainRows is how many entries a list in lines has: what follows is requested.
const plainRows = 9

// clusters tells what looks like an attack, in sentences with numbers.
func (p *plain) clusters() error {
	sift := sifting{since: clusterWindow}
	rows, err := sift.find(p.ctx, p.app, p.desk, 0)
	if err != nil {
		return err
	}
	p.refs, p.kind = nil, "cluster"
	if len(rows) == 0 {
		p.line("No suspicious clusters in the last 24 hours.")
		return nil
	}
	p.line("%s in the last 24 hours, worst first:", count(len(rows), "suspicious cluster"))
	for i := range rows[:min(len(rows), plainRows)] {
		c := &rows[i]
		p.refs = append(p.refs, c.Key)
		p.line("%d: %s, score %.0f, %s, %s. %s for %s, %d live. Last seen %s UTC. %s", i+1, p.named(&c.Cluster), c.Score, going(&c.Cluster),
			caseText(&c.Case), count(c.Requests, "request"), count(c.Accounts, "account"), c.Live, c.End.Format("2006-01-02 15:04"), c.Why)
	}
	if n := len(rows) - plainRows; n > 0 {
		p.line("%d more: clusters --limit 0 lists all.", n)
	}
	return nil
}

// named says what a cluster names, an account by its address.
func (p *plain) named(c *detect.Cluster) string {
	if c.Account != "" {
		if a, err := p.desk.store.FindAccount(p.ctx, c.Account); err == nil {
			return "account " + a.Email
		}
	}
	return inWords(c)
}

func going(c *detect.Cluster) string {
	if c.Hot {
		return "active"
	}
	return "over"
}

func caseText(c *model.Case) string {
	if c.Verdict() == model.CaseNew {
		return "new, unclaimed"
	}
	text := strings.ReplaceAll(string(c.State), "_", " ")
	if c.StateBy == "" {
		return text
	}
	return text + " by " + term.Show(c.StateBy) + " since " + c.StateAt.UTC().Format("2006-01-02 15:04") + " UTC"
}

// accounts finds accounts by part of their address.
func (p *plain) accounts() error {
	q, err := p.ask("Any part of the address:")
	if err != nil || q == "" {
		return err
	}
	page, err := p.desk.store.ListAccounts(p.ctx, model.AccountFilter{Query: q, Sort: model.ByEmail, Paging: model.Paging{Limit: plainRows}})
	if err != nil {
		return err
	}
	p.refs, p.kind = nil, "account"
	if len(page.Items) == 0 {
		p.line("No account matches.")
		return nil
	}
	for i, a := range page.Items {
		p.refs = append(p.refs, a.ID)
		held := ""
		if !a.Held.IsZero() {
			held = ", held by " + a.HeldBy
		}
		p.line("%d: %s%s, %s, %d live.", i+1, a.Email, held, count(a.Resets, "reset"), a.Live)
	}
	if page.Next != "" {
		p.line("There are more: type more of the address.")
	}
	return nil
}

// pick acts on an entry of the last list.
func (p *plain) pick(n int) error {
	if n < 1 || n > len(p.refs) {
		return &model.Error{Kind: model.NotFound, Text: "the last list has no number " + strconv.Itoa(n), Hint: "c lists clusters, a finds accounts"}
	}
	ref := p.refs[n-1]
	if p.kind == "account" {
		return p.account(ref)
	}
	return p.cluster(ref)
}

// cluster shows the evidence and offers what ends the attack.
func (p *plain) cluster(key string) error {
	if err := p.run("cluster", key); err != nil {
		return err
	}
	return p.offer("c contains it, f calls it a false positive, n notes something, enter leaves it:", map[string]func() error{
		"c": func() error { return p.run("contain", key) },
		"f": func() error { return p.run("case", key, "--state", "false") },
		"n": func() error { return p.note(key) },
	})
}

func (p *plain) note(key string) error {
	text, err := p.ask("Note for the next operator:")
	if err != nil || text == "" {
		return err
	}
	return p.run("case", key, "--note", text)
}

// account shows an account and offers what helps its owner.
func (p *plain) account(id string) error {
	if err := p.run("account", id); err != nil {
		return err
	}
	return p.offer("i issues a reset, x revokes its live ones, h holds the account, u lifts the hold, enter leaves it:", map[string]func() error{
		"i": func() error { return p.issue(id) },
		"x": func() error { return p.run("revoke", "--account", id) },
		"h": func() error { return p.run("hold", id) },
		"u": func() error { return p.run("release", id) },
	})
}

// issue asks before it mails a link.
func (p *plain) issue(id string) error {
	answer, err := p.ask("Issue a reset and mail the link? y or n:")
	if err != nil || !strings.EqualFold(answer, "y") {
		return err
	}
	return p.run("issue", id, "--output", "csv")
}

// offer asks which of several things to do; anything else does nothing.
func (p *plain) offer(question string, choices map[string]func() error) error {
	answer, err := p.ask(question)
	if err != nil {
		return err
	}
	if do, ok := choices[strings.ToLower(answer)]; ok {
		return do()
	}
	if answer != "" && answer != "q" {
		p.line("%s is none of these; nothing was changed.", term.Show(answer))
	}
	return nil
}

// undo takes back the newest batch that can be.
func (p *plain) undo() error {
	page, err := p.desk.store.ListBatches(p.ctx, model.BatchFilter{Paging: model.Paging{Limit: plainRows}})
	if err != nil {
		return err
	}
	for _, b := range page.Items {
		if !b.CanUndo() {
			continue
		}
		answer, err := p.ask("Undo the batch " + short(b.ID) + ", " + string(b.Verb) + ", " + term.Show(b.Counts.String()) + "? y or n:")
		if err != nil || !strings.EqualFold(answer, "y") {
			return err
		}
		return p.run("undo", b.ID)
	}
	p.line("There is nothing to undo.")
	return nil
}
