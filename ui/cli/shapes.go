package cli

import (
	"cmp"
	"time"

	"doorman/model"
	"doorman/model/agent"
	"doorman/model/transfer"
)

// shortID is how much of an id tables show: enough to be unambiguous, short
// enough to read aloud. Commands take any unambiguous prefix.
const shortID = 12

// short cuts an id for a table; ids that are credentials come masked already.
func short(id string) string {
	if len(id) > shortID && len(id) == 32 {
		return id[:shortID]
	}
	return id
}

func accountShape() shape[model.AccountRow] {
	type row = model.AccountRow
	exact := transfer.AccountColumns()
	return shape[row]{exact: exact, table: []transfer.Column[row]{
		{Name: "id", Of: func(a *row) transfer.Value { return transfer.Text(short(a.ID)) }},
		{Name: "email", Of: func(a *row) transfer.Value { return transfer.Text(a.Email) }},
		{Name: "created", Of: func(a *row) transfer.Value { return transfer.Time(a.Created) }},
		{Name: "confirmed", Of: func(a *row) transfer.Value { return transfer.Flag(a.EmailConfirmed) }},
		{Name: "held", Of: func(a *row) transfer.Value { return transfer.Time(a.Held) }},
		{Name: "resets", Of: func(a *row) transfer.Value { return transfer.Number(a.Resets) }},
		{Name: "live", Of: func(a *row) transfer.Value { return transfer.Number(a.Live) }},
		{Name: "last reset", Of: func(a *row) transfer.Value { return transfer.Time(a.LastReset) }},
	}}
}

func resetShape(now time.Time) shape[model.Reset] {
	type row = model.Reset
	return shape[row]{exact: transfer.ResetColumns(now), table: []transfer.Column[row]{
		{Name: "id", Of: func(r *row) transfer.Value { return transfer.Text(short(r.ID.String())) }},
		{Name: "email", Of: func(r *row) transfer.Value { return transfer.Text(r.Email) }},
		{Name: "state", Of: func(r *row) transfer.Value { return transfer.Text(string(r.State(now))) }},
		{Name: "created", Of: func(r *row) transfer.Value { return transfer.Time(r.Created) }},
		{Name: "expires", Of: func(r *row) transfer.Value { return transfer.Time(r.Expires) }},
		{Name: "ip", Of: func(r *row) transfer.Value { return transfer.Text(r.RequestedIP) }},
		{Name: "used", Of: func(r *row) transfer.Value { return transfer.Time(r.Used) }},
		{Name: "used ip", Of: func(r *row) transfer.Value { return transfer.Text(r.UsedIP) }},
		{Name: "delivery", Of: func(r *row) transfer.Value { return transfer.Text(string(r.Letter)) }},
		{Name: "by", Of: func(r *row) transfer.Value { return transfer.Text(r.IssuedBy) }},
		{Name: "agent", Of: func(r *row) transfer.Value { return transfer.Text(agent.Short(r.RequestedAgent)) }},
	}}
}

func issuedShape() shape[model.Issued] {
	type row = model.Issued
	columns := []transfer.Column[row]{
		{Name: "id", Of: func(i *row) transfer.Value { return transfer.Text(i.Reset.ID.String()) }},
		{Name: "account", Of: func(i *row) transfer.Value { return transfer.Text(i.Reset.AccountID) }},
		{Name: "email", Of: func(i *row) transfer.Value { return transfer.Text(i.Reset.Email) }},
		{Name: "expires", Of: func(i *row) transfer.Value { return transfer.Time(i.Reset.Expires) }},
		{Name: "delivery", Of: func(i *row) transfer.Value { return transfer.Text(string(i.Letter.State)) }},
	}
	return shape[row]{exact: columns, table: columns}
}

func batchShape() shape[model.Batch] {
	type row = model.Batch
	id := transfer.Column[row]{Name: "id", Of: func(b *row) transfer.Value { return transfer.Text(b.ID) }}
	columns := []transfer.Column[row]{id,
		{Name: "verb", Of: func(b *row) transfer.Value { return transfer.Text(string(b.Verb)) }},
		{Name: "by", Of: func(b *row) transfer.Value { return transfer.Text(b.By) }},
		{Name: "at", Of: func(b *row) transfer.Value { return transfer.Time(b.At) }},
		{Name: "reason", Of: func(b *row) transfer.Value { return transfer.Text(b.Reason) }},
		{Name: "counts", Of: func(b *row) transfer.Value { return transfer.Counts(b.Counts) }},
		{Name: "undone", Of: func(b *row) transfer.Value { return transfer.Time(b.UndoneAt) }},
		{Name: "subject", Of: func(b *row) transfer.Value { return transfer.Text(b.Subject) }},
	}
	plain := append([]transfer.Column[row]{}, columns...)
	plain[0].Of = func(b *row) transfer.Value { return transfer.Text(short(b.ID)) }
	plain[len(plain)-1].Of = func(b *row) transfer.Value { return transfer.Text(cmp.Or(b.About, b.Subject)) }
	return shape[row]{exact: columns, table: plain}
}
