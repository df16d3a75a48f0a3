package page

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"doorman/model"
)

// memory is a small store in memory, for tests of pages. It pages by position
// and keeps the rules that pages rely on: states, holds, batches and undo.
type memory struct {
	now      func() time.Time
	accounts []model.Account
	resets   []model.Reset
	letters  []model.Letter
	batches  []model.Batch
	audit    []model.AuditEntry
	broken   error // what every read answers, nil for none
	acts     []string
	watch    // rules, cases and what the engine holds suspicious
}

func pageOf[T any](items []T, at model.Paging) model.Page[T] {
	limit := at.Limit
	if limit == 0 {
		limit = model.DefaultLimit
	}
	from := 0
	switch {
	case at.Last:
		from = max(len(items)-limit, 0)
	case at.After != "":
		n, _ := strconv.Atoi(string(at.After))
		from = n + 1
	case at.Before != "":
		n, _ := strconv.Atoi(string(at.Before))
		from = max(n-limit, 0)
		limit = n - from
	}
	to := min(from+limit, len(items))
	p := model.Page[T]{Items: items[min(from, to):to]}
	if from > 0 {
		p.Prev = model.Cursor(strconv.Itoa(from))
	}
	if to < len(items) {
		p.Next = model.Cursor(strconv.Itoa(to - 1))
	}
	return p
}

// since turns a moment into the place before the first row that is no newer, or no
// older where the oldest come first.
func since[T any](items []T, at model.Paging, created func(T) time.Time, asc bool) model.Paging {
	if at.At.IsZero() || at.Last || at.After != "" || at.Before != "" {
		return at
	}
	i := slices.IndexFunc(items, func(v T) bool {
		return asc && !created(v).Before(at.At) || !asc && !created(v).After(at.At)
	})
	if i < 0 {
		i = len(items)
	}
	at.After = model.Cursor(strconv.Itoa(i - 1))
	return at
}

func (m *memory) row(a model.Account) model.AccountRow {
	row := model.AccountRow{Account: a}
	for _, r := range m.resets {
		if r.AccountID != a.ID {
			continue
		}
		row.Resets++
		if r.State(m.now()) == model.Live {
			row.Live++
		}
		if r.Created.After(row.LastReset) {
			row.LastReset = r.Created
		}
	}
	return row
}

func (m *memory) selectAccounts(f model.AccountFilter) []model.AccountRow {
	var out []model.AccountRow
	for _, a := range m.accounts {
		if f.Held && !a.IsHeld() || !strings.Contains(strings.ToLower(a.Email), strings.ToLower(f.Query)) {
			continue
		}
		out = append(out, m.row(a))
	}
	slices.SortFunc(out, func(a, b model.AccountRow) int {
		c := cmp.Compare(a.Email, b.Email)
		if f.Sort == model.ByAccountCreated {
			c = a.Created.Compare(b.Created)
		}
		if f.Desc {
			c = -c
		}
		return c
	})
	return out
}

func (m *memory) ListAccounts(_ context.Context, f model.AccountFilter) (model.Page[model.AccountRow], error) {
	return pageOf(m.selectAccounts(f), f.Paging), m.broken
}

func (m *memory) CountAccounts(_ context.Context, f model.AccountFilter, limit int) (model.Count, error) {
	return countOf(len(m.selectAccounts(f)), limit), m.broken
}

func countOf(n, limit int) model.Count {
	return model.Count{N: min(n, limit), AtLeast: n > limit}
}

func (m *memory) FindAccount(_ context.Context, ref string) (model.AccountRow, error) {
	for _, a := range m.accounts {
		if a.ID == ref || a.Email == ref {
			return m.row(a), m.broken
		}
	}
	return model.AccountRow{}, &model.Error{Kind: model.NotFound, Text: "there is no account " + model.Quote(ref)}
}

func (m *memory) batch(act model.Act, verb model.Verb, subject string, counts model.Tally) model.Batch {
	b := model.Batch{ID: "b" + strconv.Itoa(len(m.batches)) + strings.Repeat("0", 30), Verb: verb, By: act.Operator, At: m.now(),
		Reason: act.Reason, Subject: subject, About: m.about(subject), Counts: counts}
	m.batches = append(m.batches, b)
	m.acts = append(m.acts, string(verb)+" "+subject)
	m.audit = append(m.audit, model.AuditEntry{Seq: int64(len(m.audit) + 1), At: b.At, Operator: act.Operator, Role: act.Role, Verb: verb,
		Subject: subject, About: m.about(subject), BatchID: b.ID, Counts: counts})
	return b
}

func (m *memory) setHeld(act model.Act, id string, verb model.Verb, at time.Time) (model.Batch, error) {
	for i := range m.accounts {
		if m.accounts[i].ID == id {
			m.accounts[i].Held, m.accounts[i].HeldBy = at, act.Operator
			return m.batch(act, verb, id, model.Tally{{Label: "accounts", N: 1}}), nil
		}
	}
	return model.Batch{}, &model.Error{Kind: model.NotFound, Text: "the account is gone"}
}

func (m *memory) Hold(_ context.Context, act model.Act, id string) (model.Batch, error) {
	return m.setHeld(act, id, model.VerbHold, m.now())
}

func (m *memory) Release(_ context.Context, act model.Act, id string) (model.Batch, error) {
	return m.setHeld(act, id, model.VerbRelease, time.Time{})
}

func (m *memory) selectResets(f model.ResetFilter) []model.Reset {
	var out []model.Reset
	for _, r := range m.resets {
		if f.AccountID != "" && r.AccountID != f.AccountID ||
			len(f.States) > 0 && !slices.Contains(f.States, r.State(m.now())) ||
			!strings.Contains(strings.ToLower(r.Email), strings.ToLower(f.Query)) ||
			!strings.Contains(strings.ToLower(r.RequestedAgent), strings.ToLower(f.Agent)) ||
			!f.Since.IsZero() && r.Created.Before(f.Since) || !f.Until.IsZero() && !r.Created.Before(f.Until) ||
			f.Of != nil && m.isOf(r, f.Of) == f.Of.Not || f.BatchID != "" && r.BatchID != f.BatchID || f.IssuedBy != "" && r.IssuedBy != f.IssuedBy {
			continue
		}
		if f.IP.IsValid() {
			p, err := model.ParsePrefix(r.RequestedIP)
			if err != nil || !f.IP.Contains(p.Addr()) {
				continue
			}
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b model.Reset) int {
		c := b.Created.Compare(a.Created)
		if f.Asc {
			c = -c
		}
		return c
	})
	return out
}

func (m *memory) ListResets(_ context.Context, f model.ResetFilter) (model.Page[model.Reset], error) {
	rows := m.selectResets(f)
	return pageOf(rows, since(rows, f.Paging, func(r model.Reset) time.Time { return r.Created }, f.Asc)), m.broken
}

func (m *memory) CountResets(_ context.Context, f model.ResetFilter, limit int) (model.Count, error) {
	return countOf(len(m.selectResets(f)), limit), m.broken
}

func (m *memory) FindReset(_ context.Context, ref string) (model.Reset, error) {
	for _, r := range m.resets {
		if strings.HasPrefix(r.ID.Full(), ref) {
			return r, m.broken
		}
	}
	return model.Reset{}, &model.Error{Kind: model.NotFound, Text: "there is no reset " + model.Quote(ref)}
}

func (m *memory) AccountEmails(_ context.Context, ids []string) (map[string]string, error) {
	found := map[string]string{}
	for _, a := range m.accounts {
		if slices.Contains(ids, a.ID) {
			found[a.ID] = a.Email
		}
	}
	return found, m.broken
}

func (m *memory) Issue(_ context.Context, act model.Act, o model.IssueOrder) (model.Issued, error) {
	a, err := m.FindAccount(context.Background(), o.AccountID)
	if err != nil {
		return model.Issued{}, err
	}
	if a.IsHeld() {
		return model.Issued{}, &model.Error{Kind: model.Refused, Text: "the account is held", Hint: "lift the hold first"}
	}
	id := model.NewResetID("f"+strings.Repeat("0", 27)+strconv.Itoa(1000+len(m.resets)), model.SchemeSecret)
	r := model.Reset{ID: id, AccountID: a.ID, Email: a.Email, Created: m.now(), Expires: m.now().Add(time.Hour), IssuedBy: act.Operator, Letter: model.Queued}
	l := model.Letter{ID: "c" + id.Full()[1:], Kind: model.LetterIssued, ResetID: id, AccountID: a.ID, To: a.Email, State: model.Queued, Created: m.now(), Expires: r.Expires}
	m.resets, m.letters = append(m.resets, r), append(m.letters, l)
	m.acts = append(m.acts, "issue "+a.Email)
	return model.Issued{Reset: r, Letter: l}, nil
}

func (m *memory) ordered(o model.RevokeOrder) (live []*model.Reset, others model.Tally) {
	if !o.Target.IsZero() {
		return m.claimed(o.Target), nil
	}
	counts := map[model.State]int{}
	for i := range m.resets {
		r := &m.resets[i]
		named := slices.ContainsFunc(o.IDs, func(id model.ResetID) bool { return id.Full() == r.ID.Full() })
		inFilter := len(o.IDs) == 0 && slices.ContainsFunc(m.selectResets(o.Filter), func(x model.Reset) bool { return x.ID == r.ID })
		switch {
		case !named && !inFilter:
		case r.State(m.now()) != model.Live:
			counts[r.State(m.now())]++
		default:
			live = append(live, r)
		}
	}
	for _, s := range model.States() {
		others = append(others, model.TallyLine{Label: string(s), N: counts[s]})
	}
	return live, others
}

func (m *memory) PlanRevoke(_ context.Context, o model.RevokeOrder) (model.Plan, error) {
	live, others := m.ordered(o)
	p := model.Plan{Verb: model.VerbRevoke, Resets: len(live), Excluded: others, Asked: m.now()}
	people, from := map[string]bool{}, map[string]bool{}
	for _, r := range live {
		people[r.AccountID], from[r.RequestedIP] = true, true
		if len(p.Sample) < 5 {
			p.Sample = append(p.Sample, *r)
		}
	}
	p.Accounts, p.Addresses = len(people), len(from)
	return p, m.broken
}

func (m *memory) Revoke(_ context.Context, act model.Act, o model.RevokeOrder) (model.Batch, error) {
	live, _ := m.ordered(o)
	if len(live) == 0 {
		return model.Batch{}, &model.Error{Kind: model.NotFound, Text: "no live reset is among them"}
	}
	b := m.batch(act, model.VerbRevoke, strconv.Itoa(len(live))+" resets", model.Tally{{Label: "resets", N: len(live)}})
	for _, r := range live {
		r.Revoked, r.RevokedBy, r.WasUsed, r.BatchID = m.now(), act.Operator, true, b.ID
	}
	return b, nil
}

func (m *memory) ListBatches(_ context.Context, f model.BatchFilter) (model.Page[model.Batch], error) {
	all := slices.Clone(m.batches)
	slices.Reverse(all)
	return pageOf(all, f.Paging), m.broken
}

func (m *memory) FindBatch(_ context.Context, ref string) (model.Batch, error) {
	for _, b := range m.batches {
		if strings.HasPrefix(b.ID, ref) {
			return b, m.broken
		}
	}
	return model.Batch{}, &model.Error{Kind: model.NotFound, Text: "there is no batch " + model.Quote(ref)}
}

func (m *memory) Undo(_ context.Context, act model.Act, id string) (model.Undone, error) {
	for i := range m.batches {
		b := &m.batches[i]
		if b.ID != id {
			continue
		}
		if !b.CanUndo() {
			return model.Undone{}, &model.Error{Kind: model.Conflict, Text: "the batch was undone already"}
		}
		b.UndoneAt, b.UndoneBy = m.now(), act.Operator
		m.acts = append(m.acts, "undo "+string(b.Verb))
		for j := range m.resets {
			if m.resets[j].BatchID == id {
				m.resets[j].Revoked, m.resets[j].WasUsed = time.Time{}, false
			}
		}
		m.unwatch(id)
		for j := range m.accounts {
			if m.accounts[j].ID == b.Subject {
				m.accounts[j].Held = map[bool]time.Time{true: m.now()}[b.Verb == model.VerbRelease]
			}
		}
		return model.Undone{Batch: *b, Restored: b.Counts}, nil
	}
	return model.Undone{}, &model.Error{Kind: model.NotFound, Text: "there is no such batch"}
}

func (m *memory) ListLetters(_ context.Context, f model.LetterFilter) (model.Page[model.Letter], error) {
	var out []model.Letter
	for _, l := range m.letters {
		if len(f.States) > 0 && !slices.Contains(f.States, l.State) || f.ResetID != "" && l.ResetID.Full() != f.ResetID ||
			!strings.Contains(strings.ToLower(l.To), strings.ToLower(f.Query)) {
			continue
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b model.Letter) int { return b.Created.Compare(a.Created) })
	return pageOf(out, since(out, f.Paging, func(l model.Letter) time.Time { return l.Created }, false)), m.broken
}

func (m *memory) FindLetter(_ context.Context, ref string) (model.Letter, error) {
	for _, l := range m.letters {
		if strings.HasPrefix(l.ID, ref) {
			return l, m.broken
		}
	}
	return model.Letter{}, &model.Error{Kind: model.NotFound, Text: "there is no email " + model.Quote(ref)}
}

func (m *memory) CountLetters(context.Context) (map[model.LetterState]int, error) {
	counts := map[model.LetterState]int{}
	for _, l := range m.letters {
		counts[l.State]++
	}
	return counts, m.broken
}

func (m *memory) changeLetters(verb string, ids []string, from []model.LetterState, to model.LetterState) (int, error) {
	n := 0
	for i := range m.letters {
		if slices.Contains(ids, m.letters[i].ID) && slices.Contains(from, m.letters[i].State) {
			m.letters[i].State = to
			n++
		}
	}
	m.acts = append(m.acts, verb+" "+strconv.Itoa(n))
	return n, nil
}

func (m *memory) RetryLetters(_ context.Context, _ model.Act, ids []string) (int, error) {
	return m.changeLetters("retry", ids, []model.LetterState{model.Failed, model.Undeliverable}, model.Queued)
}

func (m *memory) CancelLetters(_ context.Context, _ model.Act, ids []string) (int, error) {
	return m.changeLetters("cancel", ids, []model.LetterState{model.Queued, model.Failed}, model.Cancelled)
}

func (m *memory) ListAudit(_ context.Context, f model.AuditFilter) (model.Page[model.AuditEntry], error) {
	var out []model.AuditEntry
	for _, a := range m.audit {
		if f.Operator != "" && a.Operator != f.Operator || f.Verb != "" && string(a.Verb) != f.Verb || f.BatchID != "" && a.BatchID != f.BatchID ||
			!strings.Contains(a.Subject+a.Reason+a.Operator, f.Query) {
			continue
		}
		out = append(out, a)
	}
	slices.Reverse(out)
	return pageOf(out, f.Paging), m.broken
}

func (m *memory) VerifyAudit(_ context.Context, progress func(int64)) (model.AuditEntry, error) {
	if len(m.audit) == 0 {
		return model.AuditEntry{}, m.broken
	}
	progress(int64(len(m.audit)))
	return m.audit[len(m.audit)-1], m.broken
}

func (m *memory) LogExport(_ context.Context, act model.Act, what string, n int) error {
	m.acts = append(m.acts, "export "+what+" "+strconv.Itoa(n))
	return nil
}
