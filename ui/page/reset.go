package page

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"doorman/model"
)

// reset is everything about one reset.
type reset struct {
	paper
	detail[model.Reset]
	mail   []model.Letter
	near   nearby
	around Slot
	person Slot
	plan   Slot
}

// nearby counts what the reset has in common with others, itself included.
type nearby struct {
	known                     bool
	address, network, account model.Count
}

func newReset(e *Env, o Open) Page {
	return &reset{paper: paper{theme: e.Theme}, detail: detail[model.Reset]{env: e, ref: o.Ref, noun: "reset"}}
}

func (p *reset) Init() tea.Cmd { return p.readReset() }

func (p *reset) Title() string {
	if p.have {
		return "Reset " + model.Mask(p.row.ID.Full())
	}
	return "Reset"
}

func (p *reset) readReset() tea.Cmd {
	return p.find(func(ctx context.Context) (model.Reset, error) {
		r, err := p.env.Store.FindReset(ctx, p.ref)
		one := []model.Reset{r}
		flagResets(ctx, p.env.Store, one)
		return one[0], err
	}, func() tea.Cmd { return p.readAround(p.row) })
}

// around is what is read about a reset beside its record.
type around struct {
	mail []model.Letter
	near nearby
}

// readAround reads the letters of the reset and counts its neighbours.
func (p *reset) readAround(r model.Reset) tea.Cmd {
	return Load(&p.around, func(ctx context.Context) (around, error) {
		letters, err := p.env.Store.ListLetters(ctx, model.LetterFilter{ResetID: r.ID.Full()})
		if err != nil {
			return around{}, err
		}
		near, err := countNear(ctx, p.env.Store, r)
		return around{letters.Items, near}, err
	}, func(a around, err error) tea.Cmd {
		if err != nil {
			return p.env.Send(Failed{err})
		}
		p.mail, p.near = a.mail, a.near
		return nil
	})
}

func countNear(ctx context.Context, s Resets, r model.Reset) (n nearby, err error) {
	if r.AccountID != "" {
		if n.account, err = s.CountResets(ctx, model.ResetFilter{AccountID: r.AccountID}, countCap); err != nil {
			return n, err
		}
	}
	if at, ok := addressOf(r); ok {
		if n.address, err = s.CountResets(ctx, model.ResetFilter{IP: at}, countCap); err != nil {
			return n, err
		}
		if n.network, err = s.CountResets(ctx, model.ResetFilter{IP: networkOf(at)}, countCap); err != nil {
			return n, err
		}
	}
	n.known = true
	return n, nil
}

func (p *reset) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(Changed); ok {
		return p.readReset()
	}
	return nil
}

// Holding implements Holder: also while the account is looked up.
func (p *reset) Holding() bool { return p.detail.Holding() || p.person.Busy() }

// Close implements Closer.
func (p *reset) Close() {
	for _, s := range []*Slot{&p.read, &p.around, &p.person, &p.plan} {
		s.Drop()
	}
}

// spent tells why there is nothing to revoke, or "".
func spent(e *Env, r model.Reset) func() string {
	return func() string {
		if s := r.State(e.Now()); s != model.Live {
			return "it is " + string(s) + " already"
		}
		return ""
	}
}

func (p *reset) letterless() string {
	if len(p.mail) == 0 {
		return "no email was written for it"
	}
	return ""
}

func (p *reset) batchless() string {
	if p.row.BatchID == "" {
		return "no bulk act changed it"
	}
	return ""
}

func (p *reset) Actions() []Action {
	e := p.env
	as := []Action{
		{Keys: []string{"x"}, Short: "revoke", Help: "revoke the reset", Off: why(p.there, spent(e, p.row), e.Locked),
			Run: func() tea.Cmd {
				return revoke(e, &p.plan, "Revoke the reset of "+orDash(p.row.Email), model.RevokeOrder{IDs: []model.ResetID{p.row.ID}})
			}},
		{Keys: []string{"i"}, Short: "issue", Help: "issue a new reset for the account", Off: why(p.there, accountless(p.row), e.Locked),
			Run: func() tea.Cmd { return issueFor(e, &p.person, p.row.AccountID) }},
	}
	as = append(as, resetPivots(e, p.row, p.there)...)
	as = append(as,
		Action{Keys: []string{"m"}, Short: "email", Help: "open the newest email about it", Off: why(p.there, p.letterless),
			Run: func() tea.Cmd { return e.Send(Open{View: "email", Ref: p.mail[0].ID}) }},
		Action{Keys: []string{"B"}, Short: "batch", Help: "open the bulk act that changed it last", Off: why(p.there, p.batchless),
			Run: func() tea.Cmd { return e.Send(Open{View: "batch", Ref: p.row.BatchID}) }},
		copying(e, "the id of the reset", p.there, func() string { return p.row.ID.String() }),
	)
	return append(as, p.moves()...)
}

// View draws the fields of the reset above what happened to it.
func (p *reset) View() string {
	if !p.have {
		return p.absent(p.missing())
	}
	lines := fieldLines(p.theme, p.fields(), p.w)
	lines = append(lines, section(p.theme, "what happened")...)
	return p.show(append(lines, p.history()...))
}
