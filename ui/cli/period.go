package cli

import (
	"errors"
	"time"

	"doorman/model"
)

// period reads --since and --until; an empty one is no bound.
func (a *app) period(since, until string) (from, to time.Time, err error) {
	if from, err = a.when("since", since); err != nil {
		return from, to, err
	}
	if to, err = a.when("until", until); err != nil {
		return from, to, err
	}
	if !to.IsZero() && !from.Before(to) {
		err = &model.Error{Kind: model.Invalid, Field: "until", Text: "is not after --since", Hint: "give the earlier time to --since"}
	}
	return from, to, err
}

func (a *app) when(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := model.ParseWhen(s, a.Now())
	return t, named(flag, err)
}

// named gives an error of a flag's value the name of the flag.
func named(flag string, err error) error {
	var me *model.Error
	if errors.As(err, &me) && me.Field == "" {
		return &model.Error{Kind: me.Kind, Field: flag, Text: me.Text, Hint: me.Hint, Err: err}
	}
	return err
}
