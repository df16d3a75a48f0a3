package ui

import (
	"maps"
	"slices"

	"doorman/model"
	"doorman/ui/page"
)

// NewKeymap makes the keys of an operator from what the configuration says: the
// usual key on the left, the operator's own on the right. Two actions on one key
// are refused, wherever both could be run. Errors name the setting in Field.
func NewKeymap(own map[string]string) (page.Keymap, error) {
	m := page.Keymap{}
	for _, usual := range slices.Sorted(maps.Keys(own)) {
		field := "ui.keys." + usual
		from, err := page.ParseKey(usual)
		if err != nil {
			return nil, inSetting(field, err)
		}
		to, err := page.ParseKey(own[usual])
		if err != nil {
			return nil, inSetting(field, err)
		}
		for _, k := range []string{from, to} {
			if k == "esc" || k == "ctrl+c" {
				return nil, &model.Error{Kind: model.Invalid, Field: field, Text: k + " takes back and ends, everywhere", Hint: "choose another key"}
			}
		}
		m[from] = to
	}
	for _, usual := range slices.Sorted(maps.Keys(own)) {
		from, _ := page.ParseKey(usual)
		if err := collision(m, from); err != nil {
			return nil, inSetting("ui.keys."+usual, err)
		}
	}
	return m, nil
}

// inSetting names the setting that an error is about.
func inSetting(field string, err error) error {
	e, ok := err.(*model.Error) //nolint:errorlint // made here, unwrapped
	if !ok {
		return err
	}
	at := *e
	at.Field = field
	return &at
}

// collision tells what else the operator's own key for a usual one does where
// both could be pressed.
func collision(m page.Keymap, usual string) error {
	to, known := m[usual], false
	env := bareEnv()
	shell := newShell(Options{Env: env, Suspend: true}).own()
	for _, v := range page.Views() {
		actions := slices.Concat(v.Make(env, page.Open{View: v.Name}).Actions(), shell)
		var users []page.Action
		mine := false
		for i, a := range m.Apply(actions) {
			if slices.Contains(actions[i].Keys, usual) {
				mine, known = true, true
			}
			if slices.Contains(a.Keys, to) {
				users = append(users, actions[i])
			}
		}
		other := slices.IndexFunc(users, func(a page.Action) bool { return !slices.Contains(a.Keys, usual) })
		if mine && len(users) > 1 && other >= 0 {
			return &model.Error{Kind: model.Invalid, Text: page.KeyName(to) + " in " + v.Title + " does something else: " + users[other].Help,
				Hint: "choose a free key, or give that one another; `doorman keys` lists them"}
		}
	}
	if !known {
		return &model.Error{Kind: model.Invalid, Text: "nothing is done by the key " + page.KeyName(usual),
			Hint: "the left side is a key from `doorman keys`"}
	}
	return nil
}
