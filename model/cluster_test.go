package model

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The night that began this: the worst of all was over for 21 hours, and a small
// one was live.
func TestWhatNeedsAPersonComesFirst(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	list := []ClusterFacts{
		{Key: "over for 21 hours", Score: 5000, End: ago(21 * time.Hour)},
		{Key: "contained, and it goes on", Score: 900, Hot: true, Live: 3, End: ago(time.Minute), Case: CaseContained},
		{Key: "small, live", Score: 20, Hot: true, Live: 4, End: ago(2 * time.Minute)},
		{Key: "small, quiet, a request half an hour ago", Score: 30, Hot: true, End: ago(30 * time.Minute), Case: CaseNew},
		{Key: "high, more live", Score: 50, Hot: true, Live: 9, End: ago(5 * time.Minute)},
		{Key: "high, less live", Score: 60, Hot: true, Live: 2, End: ago(time.Minute)},
		{Key: "critical, acknowledged", Score: 300, Hot: true, Live: 80, End: ago(time.Minute), Case: CaseAcknowledged},
		{Key: "over for two days", Score: 9000, End: ago(48 * time.Hour), Case: CaseClosed},
	}
	slices.SortFunc(list, func(a, b ClusterFacts) int { return CompareClusters(&a, &b, now) })
	var keys []string
	for _, c := range list {
		keys = append(keys, c.Key)
	}
	want := "high, more live; high, less live; small, live; small, quiet, a request half an hour ago; critical, acknowledged; contained, and it goes on; over for 21 hours; over for two days"
	if got := strings.Join(keys, "; "); got != want {
		t.Errorf("the order is\n%s\nwant\n%s", got, want)
	}
	if list[3].NeedsPerson(now) != true || list[4].NeedsPerson(now) || list[6].NeedsPerson(now) {
		t.Error("who needs a person is wrong")
	}
}

func TestCaseStatesAreTheWordsOfTheContract(t *testing.T) {
	for _, s := range []string{"new", "acknowledged", "contained", "false_positive", "closed"} {
		if got, err := ParseCaseState(s); err != nil || string(got) != s {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"open", "", "New"} {
		if _, err := ParseCaseState(s); !IsKind(err, Invalid) {
			t.Errorf("%q: %v", s, err)
		}
	}
}
