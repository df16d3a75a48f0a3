package page

import (
	"testing"

	"doorman/model"
)

func TestCommandsShowTheSame(t *testing.T) {
	for _, c := range []struct {
		open Open
		keys []string
		want string
	}{
		{Open{View: "resets"}, nil, "doorman resets"},
		{Open{View: "resets", Filter: model.ResetFilter{States: []model.State{model.Live}, Agent: "it's; rm -rf"}}, []string{"shift+right", "shift+right", "shift+right", "O"},
			`doorman resets --sort ip --asc --state live --agent 'it'\''s; rm -rf'`},
		{Open{View: "resets", Filter: model.ResetFilter{Query: "ada"}}, nil, "doorman resets --filter ada"},
		{Open{View: "outbox", Filter: model.LetterFilter{States: []model.LetterState{model.Undeliverable}, Query: "ada"}}, nil, "doorman outbox --state undeliverable --to ada"},
		{Open{View: "audit", Filter: model.AuditFilter{Operator: "grace", Verb: "revoke"}}, nil, "doorman audit --verb revoke --by grace"},
		{Open{View: "audit", Filter: model.AuditFilter{Verb: "revoke", BatchID: "b1"}}, nil, "doorman audit --filter 'verb:revoke batch:b1'"},
		{Open{View: "batches"}, nil, "doorman batches"},
	} {
		d := drive(t, sample(), c.open, 120, 30).press(c.keys...)
		if got := d.page.(Commander).Command(); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.open.View, c.open.Filter, got, c.want)
		}
	}
}
