package model

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseSpan reads a duration as operators write it: what time.ParseDuration
// takes, and whole days and weeks ("7d", "2w"). It is never negative.
func ParseSpan(s string) (time.Duration, error) {
	bad := &Error{Kind: Invalid, Text: Quote(s) + " is not a valid duration", Hint: "write it as 90m, 24h or 7d"}
	unit := time.Duration(0)
	switch {
	case strings.HasSuffix(s, "d"):
		unit = 24 * time.Hour
	case strings.HasSuffix(s, "w"):
		unit = 7 * 24 * time.Hour
	}
	if unit != 0 {
		n, err := strconv.ParseUint(s[:len(s)-1], 10, 16)
		if err != nil || n > uint64(math.MaxInt64/unit) {
			return 0, bad
		}
		return time.Duration(n) * unit, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, bad
	}
	return d, nil
}

// ParseWhen reads a point in time as operators write it: a span back from now
// ("24h", "7d"), a day ("2026-11-23", its first moment UTC), a time of a day
// ("2026-11-23 03:00", UTC), RFC 3339, or "all", which is the zero time.
func ParseWhen(s string, now time.Time) (time.Time, error) {
	if s == "all" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC(), nil
	}
	d, err := ParseSpan(s)
	if err != nil {
		return time.Time{}, &Error{Kind: Invalid, Text: Quote(s) + " is not a valid time",
			Hint: "write it as 24h, 7d, 2026-11-23, 2026-11-23T03:00:00Z or all"}
	}
	return now.Add(-d).UTC(), nil
}
