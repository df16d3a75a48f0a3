package model

import "time"

// Timeline counts what happened in equal steps of time, the oldest first.
type Timeline struct {
	From     time.Time // when the first step begins
	Step     time.Duration
	Requests []int // resets created in each step
	Uses     []int // resets used in each step, whenever they were created
}

// To is when the last step ends.
func (t Timeline) To() time.Time { return t.From.Add(time.Duration(len(t.Requests)) * t.Step) }

// TimelineFilter says what to count. Both bounds are widened to whole steps.
type TimelineFilter struct {
	Since, Until time.Time
	Step         time.Duration // at least a minute
	Of           []Target      // only the resets that these name, one named twice counted twice; none: all
}

// TimelineSteps bounds how many steps a timeline has.
const TimelineSteps = 2000

// Span returns the first step and the number of steps; an error where the
// filter requests none or for too many.
func (f TimelineFilter) Span() (from time.Time, steps int, err error) {
	if f.Step < time.Minute || f.Since.IsZero() || !f.Since.Before(f.Until) {
		return from, 0, &Error{Kind: Invalid, Field: "timeline", Text: "needs a start before its end and steps of a minute or more"}
	}
	from = f.Since.UTC().Truncate(f.Step)
	steps = int((f.Until.Sub(from) + f.Step - 1) / f.Step)
	if steps > TimelineSteps {
		return from, 0, &Error{Kind: Invalid, Field: "timeline", Text: "has more steps than fit", Hint: "take longer steps"}
	}
	return from, steps, nil
}
