package part

import (
	"strconv"
	"time"
)

// Ago tells how long before now a moment was, in at most four cells: "now",
// "12s", "5m", "3h", "4d", "7w", "2y"; "–" for never, "+5m" for what is still to
// come.
func Ago(now, t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	d := now.Sub(t)
	if d < 0 {
		return "+" + Span(-d)
	}
	if d < time.Second {
		return "now"
	}
	return Span(d)
}

// Span writes a duration by its largest unit, cut, never rounded up.
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		size time.Duration
		name string
	}{{365 * day, "y"}, {14 * day, "w"}, {day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d < u.size {
			continue
		}
		if u.name == "w" {
			u.size = 7 * day
		}
		return strconv.Itoa(int(d/u.size)) + u.name
	}
	return strconv.Itoa(int(d/time.Second)) + "s"
}

// Stamp writes a moment in full, in the given zone (nil: UTC): what details show
// beside the relative time; "–" for never.
func Stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "–"
	}
	if zone == nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2006-01-02 15:04:05 MST")
}
