package transfer

import (
	"time"

	"doorman/model"
)

// AccountColumns are the fields of an account as lists and exports show them.
func AccountColumns() []Column[model.AccountRow] {
	type row = model.AccountRow
	return []Column[row]{
		{"id", func(a *row) Value { return Text(a.ID) }},
		{"email", func(a *row) Value { return Text(a.Email) }},
		{"created", func(a *row) Value { return Time(a.Created) }},
		{"email_confirmed", func(a *row) Value { return Flag(a.EmailConfirmed) }},
		{"held", func(a *row) Value { return Time(a.Held) }},
		{"resets", func(a *row) Value { return Number(a.Resets) }},
		{"live", func(a *row) Value { return Number(a.Live) }},
		{"last_reset", func(a *row) Value { return Time(a.LastReset) }},
	}
}

// ResetColumns are the fields of a reset as lists and exports show them; its
// state is given as of now.
func ResetColumns(now time.Time) []Column[model.Reset] {
	type row = model.Reset
	return []Column[row]{
		{"id", func(r *row) Value { return Text(r.ID.String()) }},
		{"account", func(r *row) Value { return Text(r.AccountID) }},
		{"email", func(r *row) Value { return Text(r.Email) }},
		{"state", func(r *row) Value { return Text(string(r.State(now))) }},
		{"created", func(r *row) Value { return Time(r.Created) }},
		{"expires", func(r *row) Value { return Time(r.Expires) }},
		{"used", func(r *row) Value { return Time(r.Used) }},
		{"revoked", func(r *row) Value { return Time(r.Revoked) }},
		{"requested_ip", func(r *row) Value { return Text(r.RequestedIP) }},
		{"requested_agent", func(r *row) Value { return Text(r.RequestedAgent) }},
		{"used_ip", func(r *row) Value { return Text(r.UsedIP) }},
		{"issued_by", func(r *row) Value { return Text(r.IssuedBy) }},
		{"delivery", func(r *row) Value { return Text(string(r.Letter)) }},
	}
}
