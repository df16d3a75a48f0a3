package page

import (
	"slices"
	"time"

	"doorman/model"
	"doorman/model/agent"
	"doorman/ui/part"
	"doorman/ui/term"
	"doorman/ui/theme"
)

func (p *reset) fields() []part.Field {
	e, r := p.env, p.row
	state := e.resetState(r)
	dim := e.Theme.Dim
	fs := []part.Field{
		{Name: " account", Value: orDash(r.Email), Ink: e.Theme.Strong},
		{Name: " state", Value: e.state(string(r.State(e.Now()))).Text + p.cause(), Ink: state.Ink},
		{Name: " id", Value: model.Mask(r.ID.Full()), Ink: dim},
		{Name: " created", Value: e.moment(r.Created)},
		{Name: " expires", Value: e.moment(r.Expires)},
		{Name: " issued by", Value: orDash(r.IssuedBy)},
		{Name: " requested from", Value: orDash(r.RequestedIP) + p.neighbours()},
		{Name: " requested with", Value: orDash(agent.Both(r.RequestedAgent)), Ink: dim},
		{Name: " used from", Value: orDash(r.UsedIP) + p.apart()},
		{Name: " used with", Value: orDash(agent.Both(r.UsedAgent)), Ink: dim},
		{Name: " resets", Value: p.others()},
		e.flagField(r.Flag),
		{Name: "delivery", Value: letterCell(e, r.Letter).Text, Ink: letterCell(e, r.Letter).Ink},
	}
	if r.BatchID != "" {
		fs = append(fs, part.Field{Name: " batch", Value: model.Mask(r.BatchID)})
	}
	return fs
}

// cause tells who or what ended the reset.
func (p *reset) cause() string {
	r := p.row
	switch r.State(p.env.Now()) {
	case model.Revoked:
		s := " by " + orDash(r.RevokedBy)
		if r.RevokeReason != "" {
			s += ": " + r.RevokeReason
		}
		return s
	case model.Superseded:
		return " by the newer reset " + model.Mask(r.SupersededBy.Full())
	case model.Used:
		if r.Used.IsZero() {
			return ", marked so by another program"
		}
	case model.Live:
		return " for another " + part.Span(r.Expires.Sub(p.env.Now()))
	}
	return ""
}

// neighbours tells how many resets share the address and its network.
func (p *reset) neighbours() string {
	if !p.near.known || p.near.address.N == 0 {
		return ""
	}
	s := "  (" + count(p.near.address) + " from it"
	if at, ok := addressOf(p.row); ok {
		s += ", " + count(p.near.network) + " from " + networkOf(at).String()
	}
	return s + ")"
}

func (p *reset) others() string {
	if !p.near.known {
		return "…"
	}
	return count(p.near.account) + " of this account"
}

// count writes a number that may be a lower bound.
func count(c model.Count) string { return c.String() }

// moment writes a time in full and how long ago it was.
func (e *Env) moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	d := e.Now().Sub(t)
	switch {
	case d < 0:
		return part.Stamp(t, e.Zone) + "  (in " + part.Span(-d) + ")"
	case d < time.Second:
		return part.Stamp(t, e.Zone) + "  (now)"
	}
	return part.Stamp(t, e.Zone) + "  (" + part.Span(d) + " ago)"
}

// clock writes a time without its zone, for a column of times; "–" for never.
func (e *Env) clock(t time.Time) string {
	if t.IsZero() {
		return term.Fit("–", len(time.DateTime))
	}
	if e.Zone == nil {
		return t.UTC().Format(time.DateTime)
	}
	return t.In(e.Zone).Format(time.DateTime)
}

// event is one line of a history.
type event struct {
	at   time.Time
	text string
	ink  theme.Ink
}

// history draws what happened to the reset and its letters, oldest first; what
// is still to come stands last.
func (p *reset) history() []string {
	events := append(p.life(), p.posts()...)
	slices.SortStableFunc(events, func(a, b event) int { return a.at.Compare(b.at) })
	now := p.env.Now()
	out := make([]string, len(events))
	for i, ev := range events {
		ink := ev.ink
		if ev.at.After(now) {
			ink = p.theme.Dim
		}
		head := " " + p.env.clock(ev.at) + "  " + term.FitRight(part.Ago(now, ev.at), 5) + "  "
		out[i] = p.theme.Dim.Paint(head) + ink.Paint(term.Fit(term.Show(ev.text), p.w-term.Width(head)))
	}
	return out
}

// life returns what became of the reset itself.
func (p *reset) life() []event {
	t, r := p.theme, p.row
	var out []event
	add := func(at time.Time, ink theme.Ink, text string) {
		if !at.IsZero() {
			out = append(out, event{at, text, ink})
		}
	}
	if r.IssuedBy != "" {
		add(r.Created, t.Info, "issued by "+r.IssuedBy)
	} else {
		add(r.Created, t.Text, "requested from "+orDash(r.RequestedIP))
	}
	add(r.Used, t.Strong, "used from "+orDash(r.UsedIP))
	revoked := "revoked by " + orDash(r.RevokedBy)
	if r.RevokeReason != "" {
		revoked += ": " + r.RevokeReason
	}
	add(r.Revoked, t.Bad, revoked)
	if r.Used.IsZero() && r.Revoked.IsZero() && r.SupersededBy.IsZero() {
		add(r.Expires, t.Dim, map[bool]string{true: "expires", false: "expired"}[r.Expires.After(p.env.Now())])
	}
	return out
}

// apart points out a reset that was used from elsewhere.
func (p *reset) apart() string {
	if p.row.UsedIP == "" || p.row.RequestedIP == "" || p.row.UsedIP == p.row.RequestedIP {
		return ""
	}
	return "  (not where it was requested)"
}

// posts returns what became of the letters about the reset.
func (p *reset) posts() []event {
	t := p.theme
	var out []event
	for _, l := range p.mail {
		what := "email queued to "
		if l.Kind == model.LetterCompleted {
			what = "email about the new password queued to "
		}
		out = append(out, event{l.Created, what + l.To, t.Text})
		switch l.State {
		case model.Sent:
			out = append(out, event{l.SentAt, "the relay took it: " + orDash(l.Reply), t.Good})
		case model.Failed:
			out = append(out, event{l.NextTry, "next try, after " + model.Plural(l.Attempts, "attempt") + ": " + orDash(l.LastError), t.Warn})
		case model.Undeliverable:
			out = append(out, event{l.Created, "given up after " + model.Plural(l.Attempts, "attempt") + ": " + orDash(l.LastError), t.Bad})
		case model.Cancelled:
			out = append(out, event{l.Created, "not sent: " + orDash(l.LastError), t.Dim})
		}
	}
	return out
}
