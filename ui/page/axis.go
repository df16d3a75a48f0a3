package page

import (
	"time"

	"doorman/model"
	"doorman/ui/part"
	"doorman/ui/term"
)

// axis writes the times below the bars of a timeline in width cells: at the right
// end the zone and when it ends, now or earlier, and as many even moments as there
// is room for.
func (e *Env) axis(t model.Timeline, width int) string {
	zone := e.zone()
	n := len(t.Requests)
	line := []rune(term.Spaces(width))
	end := width
	now := "now " + e.Now().In(zone).Format("15:04 MST")
	if t.To().Before(e.Now()) {
		now = "until " + e.brief(t.To()) + t.To().In(zone).Format(" MST")
	}
	if room := end - len([]rune(now)); room >= 0 {
		copy(line[room:], []rune(now))
		end = room
	}
	layout, gap := "15:04", tickOf(t, width)
	if gap >= 24*time.Hour {
		layout = "01-02"
	}
	free := 0
	for i := range t.Requests {
		at := t.From.Add(time.Duration(i) * t.Step).In(zone)
		x := part.BarStart(i, n, width)
		if x < free || !begins(at, t.Step, gap) {
			continue
		}
		label := []rune("│" + nextTick(at, gap).Format(layout))
		if x+len(label)+1 > end {
			break
		}
		copy(line[x:], label)
		free = x + len(label) + 1
	}
	return string(line)
}

// tickOf is the time between two labels of the axis.
func tickOf(t model.Timeline, width int) time.Duration {
	const label = 9
	least := time.Duration(label*len(t.Requests)/max(width, 1)+1) * t.Step
	for _, m := range []int{5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2 * 1440, 7 * 1440} {
		if gap := time.Duration(m) * time.Minute; gap >= least && gap >= t.Step {
			return gap
		}
	}
	return 14 * 24 * time.Hour
}

// nextTick is the first even moment at or after another, by the clock of its
// zone.
func nextTick(at time.Time, gap time.Duration) time.Time {
	_, offset := at.Zone()
	local := at.Add(time.Duration(offset) * time.Second).UTC()
	return at.Add((gap - local.Sub(local.Truncate(gap))) % gap)
}

// begins reports whether an even moment lies in the step that begins at a time.
func begins(at time.Time, step, gap time.Duration) bool {
	return nextTick(at, gap).Before(at.Add(step))
}

// zone is the operator's.
func (e *Env) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

// brief writes a moment of the last hours by its clock, an older one with its
// day.
func (e *Env) brief(t time.Time) string {
	layout := "15:04"
	if e.Now().Sub(t) >= 20*time.Hour {
		layout = "01-02 15:04"
	}
	return t.In(e.zone()).Format(layout)
}

// age writes when something was in at most five cells: how long ago, or the
// clock of its day, the day of its year, the year.
func (e *Env) age(t time.Time) string {
	if !e.Absolute || t.IsZero() {
		return part.Ago(e.Now(), t)
	}
	layout := "15:04"
	switch d := e.Now().Sub(t).Abs(); {
	case d >= 300*24*time.Hour:
		layout = "2006"
	case d >= 20*time.Hour:
		layout = "01-02"
	}
	return t.In(e.zone()).Format(layout)
}

// ZoneName is how the operator's zone is called now.
func (e *Env) ZoneName() string {
	name, _ := e.Now().In(e.zone()).Zone()
	return name
}
