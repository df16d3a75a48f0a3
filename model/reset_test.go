package model_test

import (
	"testing"
	"time"

	"doorman/model"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fact sets one of the things that decide the state of a reset.
type fact struct {
	name string
	set  func(*model.Reset)
}

// deciding lists the facts in the order of test, with the state that each gives.
func deciding() ([]fact, []model.State) {
	earlier := now.Add(-time.Minute)
	return []fact{
		{"used", func(r *model.Reset) { r.Used = earlier }},
		{"revoked", func(r *model.Reset) { r.Revoked = earlier }},
		{"superseded", func(r *model.Reset) { r.SupersededBy = model.NewResetID("ab", model.SchemeSecret) }},
		{"flag alone", func(r *model.Reset) { r.WasUsed = true }},
		{"past expiry", func(r *model.Reset) { r.Expires = earlier }},
	}, []model.State{model.Used, model.Revoked, model.Superseded, model.Used, model.Expired}
}

// Every combination of facts gives the state of the first one that holds.
func TestStateOfEveryCombination(t *testing.T) {
	facts, states := deciding()
	for mask := range 1 << len(facts) {
		r := model.Reset{Created: now.Add(-time.Hour), Expires: now.Add(time.Minute)}
		want, name := model.Live, "nothing"
		for i := len(facts) - 1; i >= 0; i-- {
			if mask>>i&1 == 1 {
				facts[i].set(&r)
				want, name = states[i], facts[i].name+", "+name
			}
		}
		if got := r.State(now); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestStateAtTheEdges(t *testing.T) {
	for name, c := range map[string]struct {
		reset model.Reset
		want  model.State
	}{
		"nothing known":       {model.Reset{}, model.Expired},
		"no expiry":           {model.Reset{Created: now}, model.Expired},
		"no creation":         {model.Reset{Expires: now.Add(1)}, model.Live},
		"the last moment":     {model.Reset{Expires: now.Add(time.Nanosecond)}, model.Live},
		"the moment itself":   {model.Reset{Expires: now}, model.Expired},
		"flag without a date": {model.Reset{WasUsed: true, Expires: now.Add(time.Hour)}, model.Used},
		"flag of a revoked":   {model.Reset{WasUsed: true, Revoked: now}, model.Revoked},
		"used in the future":  {model.Reset{Used: now.Add(time.Hour), Expires: now.Add(2 * time.Hour)}, model.Used},
		"created later":       {model.Reset{Created: now.Add(time.Hour), Expires: now.Add(2 * time.Hour)}, model.Live},
	} {
		if got := c.reset.State(now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestParseStateTakesEveryStateAndNothingElse(t *testing.T) {
	for _, s := range model.States() {
		if got, err := model.ParseState(string(s)); got != s || err != nil {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	for _, s := range model.LetterStates() {
		if got, err := model.ParseLetterState(string(s)); got != s || err != nil {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "Live", "live ", "dead\x1b[2J"} {
		if _, err := model.ParseState(s); !model.IsKind(err, model.Invalid) {
			t.Errorf("state %q: %v", s, err)
		}
		if _, err := model.ParseLetterState(s); !model.IsKind(err, model.Invalid) {
			t.Errorf("email state %q: %v", s, err)
		}
	}
}

func TestCheckLifetime(t *testing.T) {
	for d, ok := range map[time.Duration]bool{
		-time.Hour: false, 0: false, time.Minute - 1: false, time.Minute: true, time.Hour: true,
		24 * time.Hour: true, 24*time.Hour + 1: false,
	} {
		if err := model.CheckLifetime(d); (err == nil) != ok {
			t.Errorf("%s: %v", d, err)
		}
	}
}
