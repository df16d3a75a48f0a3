package page

import (
	"context"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// email is one letter: its way out, and what its recipient reads.
type email struct {
	paper
	detail[model.Letter]
	views []letterView
	of    model.Letter // what the views were made from
	at    int          // index of the view that is shown
	write Slot
}

// letterView is one way to look at a letter.
type letterView struct {
	name  string
	lines []string // safe for the screen, not yet wrapped
}

func newLetter(e *Env, o Open) Page {
	return &email{paper: paper{theme: e.Theme}, detail: detail[model.Letter]{env: e, ref: o.Ref, noun: "email"}}
}

func (p *email) Init() tea.Cmd { return p.readLetter() }

func (p *email) Title() string {
	if p.have {
		return "Email to " + p.row.To
	}
	return "Email"
}

func (p *email) readLetter() tea.Cmd {
	return p.find(func(ctx context.Context) (model.Letter, error) {
		return p.env.Store.FindLetter(ctx, p.ref)
	}, func() tea.Cmd {
		if len(p.views) > 0 && p.of == p.row {
			return nil
		}
		return p.readViews(p.row)
	})
}

// readViews makes the views of the letter: its text and HTML with a placeholder
// for the secret and, where it was captured, how it went out.
func (p *email) readViews(l model.Letter) tea.Cmd {
	e := p.env
	return Load(&p.write, func(context.Context) ([]letterView, error) {
		var views []letterView
		if e.Preview == nil {
			views = append(views, letterView{"text", []string{"Emails cannot be previewed: no mail is configured.", "`doorman config show` tells what is missing."}})
		} else if v, err := e.Preview.Preview(l); err != nil {
			views = append(views, letterView{"text", shown(append([]string{"The email cannot be shown:"}, problem(err)...))})
		} else {
			views = append(views, previews(v)...)
		}
		if e.Captured == nil || l.MessageID == "" {
			return views, nil
		}
		if raw, ok := e.Captured.Raw(l.MessageID); ok {
			views = append(views, letterView{"as captured", term.ShowLines(masked(raw))})
		}
		return views, nil
	}, func(views []letterView, _ error) tea.Cmd {
		p.views, p.of = views, l
		p.at = min(p.at, len(views)-1)
		return nil
	})
}

// previews returns the text of a letter as it will be read and, where there is
// one, its HTML as it is written.
func previews(v model.Preview) []letterView {
	head := shown([]string{"From:    " + v.From, "Subject: " + v.Subject, ""})
	views := []letterView{{"text", append(head, term.ShowLines(v.Text)...)}}
	if v.HTML != "" {
		views = append(views, letterView{"HTML", append(head[:len(head):len(head)], term.ShowLines(v.HTML)...)})
	}
	return views
}

func (p *email) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(Changed); ok {
		return p.readLetter()
	}
	return nil
}

// Close implements Closer.
func (p *email) Close() {
	p.read.Drop()
	p.write.Drop()
}

func (p *email) single() string {
	if len(p.views) < 2 {
		return "there is one view of this email"
	}
	return ""
}

func (p *email) Actions() []Action {
	e, ls := p.env, []model.Letter{p.row}
	next := func() tea.Cmd {
		p.at = (p.at + 1) % len(p.views)
		p.top = 0
		return nil
	}
	as := []Action{
		{Keys: []string{"tab"}, Short: p.nextName(), Help: "look at the email in another way: text, HTML, as captured", Off: why(p.there, p.single), Run: next},
		{Keys: []string{"r"}, Short: "retry", Help: "try the email again now", Off: why(p.there, e.Locked, noneOf(ls, retriable(p.env))),
			Run: func() tea.Cmd { return retry(e, nil, ls) }},
		{Keys: []string{"x"}, Short: "cancel", Help: "never send the email", Off: why(p.there, e.Locked, noneOf(ls, cancellable(e))),
			Run: func() tea.Cmd { return cancel(e, nil, ls) }},
	}
	as = append(as, letterPivots(e, p.row, p.there)...)
	as = append(as, Action{Keys: []string{"B"}, Help: "open the bulk act that cancelled it", Off: why(p.there, p.batchless),
		Run: func() tea.Cmd { return e.Send(Open{View: "batch", Ref: p.row.BatchID}) }})
	as = append(as, copying(e, "the Message-ID", p.there, func() string { return p.row.MessageID }))
	return append(as, p.moves()...)
}

func (p *email) batchless() string {
	if p.row.BatchID == "" {
		return "no bulk act cancelled it"
	}
	return ""
}

// nextName is the view that tab leads to.
func (p *email) nextName() string {
	if len(p.views) < 2 {
		return "view"
	}
	return p.views[(p.at+1)%len(p.views)].name
}

// View draws the letter's way out above what is in it.
func (p *email) View() string {
	if !p.have {
		return p.absent(p.missing())
	}
	first, rest := p.fields()
	if p.w >= 100 {
		first, rest = append(first, rest...), nil
	}
	lines := fieldLines(p.theme, first, p.w)
	if len(p.views) > 0 {
		v := p.views[p.at]
		lines = append(lines, section(p.theme, v.name)...)
		for _, l := range v.lines {
			lines = append(lines, wrap(l, p.w)...)
		}
	}
	if len(rest) > 0 {
		lines = append(lines, section(p.theme, "envelope")...)
		lines = append(lines, fieldLines(p.theme, rest, p.w)...)
	}
	return p.show(lines)
}

// wrap sets a shown line off by a blank and breaks it so that all of it can be
// read.
func wrap(line string, w int) []string {
	if term.Width(line) < w {
		return []string{" " + line}
	}
	lines := strings.Split(ansi.Wrap(line, max(w-1, 10), "/?&="), "\n")
	for i, l := range lines {
		lines[i] = " " + l
	}
	return lines
}

// fields returns what tells how the letter fares, and what is seldom requested:
// on a narrow screen that comes after the text.
func (p *email) fields() (first, rest []part.Field) {
	e, l := p.env, p.row
	state := e.state(string(l.State))
	first = []part.Field{
		{Name: " to", Value: l.To, Ink: e.Theme.Strong},
		{Name: " state", Value: state.Text + p.tries(), Ink: state.Ink},
	}
	add := func(to *[]part.Field, name, value string) {
		if value != "" && value != "–" {
			*to = append(*to, part.Field{Name: " " + name, Value: value})
		}
	}
	add(&first, "answer", l.Reply)
	add(&first, "last error", l.LastError)
	if l.State == model.Queued || l.State == model.Failed {
		add(&first, "next try", e.moment(l.NextTry))
	}
	add(&first, "sent", e.moment(l.SentAt))
	if l.Kind == model.LetterIssued {
		add(&first, "link ends", e.moment(l.Expires))
	}
	add(&rest, "queued", e.moment(l.Created))
	add(&rest, "about", l.Kind.Words())
	add(&rest, "Message-ID", l.MessageID)
	add(&rest, "batch", model.Mask(l.BatchID))
	return first, rest
}

func (p *email) tries() string {
	switch n := p.row.Attempts; n {
	case 0:
		return ", not tried yet"
	case 1:
		return " at the first attempt"
	default:
		return " after " + strconv.Itoa(n) + " attempts"
	}
}
