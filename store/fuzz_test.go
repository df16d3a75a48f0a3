package store

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// FuzzStamp holds that text in a column of times never keeps a row from being
// shown, and that what is written reads back to the microsecond.
func FuzzStamp(f *testing.F) {
	for _, s := range []string{"2026-11-23 12:00:00.000000", "2026-11-23T12:00:00Z", "2026-11-23", "", "0000-00-00", "2026-11-23 12:00:00.123456789+05:30", "\x00", "9999-12-31 23:59:59.999999"} {
		f.Add(s, int64(1_700_000_000))
	}
	zone := time.FixedZone("somewhere", -9*3600-1800)
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		for _, z := range []*time.Location{time.UTC, zone} {
			s := &Store{zone: z}
			at := s.time(&text)
			if at.Location() != time.UTC {
				t.Fatalf("%q is %v", text, at)
			}
			for _, u := range []time.Time{at, time.Unix(seconds%200_000_000_000, seconds%1_000_000*1000).UTC()} {
				if u.Year() < 2 || u.Year() > 9998 { // four digits, in every zone
					continue
				}
				written := s.stamp(u)
				if back := s.time(&written); !back.Equal(u.Truncate(time.Microsecond)) {
					t.Fatalf("%v is written %q and read %v", u, written, back)
				}
				if own := ownTime(ownStamp(u)); !own.Equal(u.Truncate(time.Microsecond)) {
					t.Fatalf("%v is written %q and read %v", u, ownStamp(u), own)
				}
			}
		}
	})
}

// FuzzAuditRow holds the reading of an entry to any row that somebody may have
// written, and its hash to tell every two rows apart.
func FuzzAuditRow(f *testing.F) {
	f.Add("ada", "revoke", "3 resets", "ticket 7", `[{"label":"resets","n":3}]`, "2026-11-23 12:00:00.000000", int64(7))
	f.Add("", "", "", "", "", "", int64(0))
	f.Add("\xff", "\x1b]0;x\a", "{", "}", `[{"label":1}]`, "now", int64(-1))
	f.Add("a", "b", "c", "d", `[[[[[`, "9999", int64(1<<62))
	f.Fuzz(func(t *testing.T, operator, verb, subject, reason, counts, at string, seq int64) {
		r := auditRow{Seq: seq, Operator: operator, Verb: verb, Subject: subject, Reason: reason, Counts: counts, At: at}
		e := r.entry()
		if e.Seq != seq || e.Operator != operator || string(e.Verb) != verb || e.Subject != subject || e.Reason != reason {
			t.Fatalf("%+v", e)
		}
		text, err := tallyText(e.Counts)
		if err != nil {
			t.Fatal(err)
		}
		if again := parseTally(text); again.String() != e.Counts.String() {
			t.Fatalf("%q is %v, then %v", counts, e.Counts, again)
		}
		hash := newLink().hash(&r)
		for _, other := range []auditRow{
			{Seq: seq, Operator: operator + verb, Subject: subject, Reason: reason, Counts: counts, At: at},
			{Seq: seq, Operator: operator, Verb: verb, Subject: subject + reason, Counts: counts, At: at},
			{Seq: seq + 1, Operator: operator, Verb: verb, Subject: subject, Reason: reason, Counts: counts, At: at},
			{Seq: seq, Operator: operator, Verb: verb, Subject: subject, Reason: reason, Counts: counts, At: at, Denied: true},
			{Seq: seq, Operator: operator, Verb: verb, Subject: subject, Reason: reason, Counts: counts, At: at, PrevHash: "0"},
		} {
			if other != r && bytes.Equal(newLink().hash(&other), hash) {
				t.Fatalf("%+v and %+v have one hash", r, other)
			}
		}
	})
}

// FuzzHead holds that nothing passes as a signed head but what was signed.
func FuzzHead(f *testing.F) {
	s := &Store{o: Options{Key: testKey()}}
	head, err := s.signHead(42, strings.Repeat("ab", 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(head)
	f.Add(strings.Replace(head, "\n42\n", "\n43\n", 1))
	f.Add(strings.ReplaceAll(head, "\n", "\r\n"))
	f.Add("")
	f.Add("doorman audit log\n1\n\n\n— doorman-audit AAAA\n")
	f.Fuzz(func(t *testing.T, text string) {
		seq, hash, err := s.openHead(text)
		if err != nil {
			if !model.IsKind(err, model.Invalid) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if seq != 42 || hash != strings.Repeat("ab", 32) {
			t.Fatalf("%q passes as entry %d, %s", text, seq, hash)
		}
	})
}

// FuzzSourceRange holds that the addresses of one source are found by its range,
// and others are not.
func FuzzSourceRange(f *testing.F) {
	for _, s := range []string{"203.0.113.7", "::ffff:203.0.113.7", "2001:db8::1", "fe80::1%eth0", "10.0.0.1, 203.0.113.7", "nowhere", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = addressText(text)
		if len(text) > maxIPText {
			t.Fatalf("%d bytes are kept", len(text))
		}
		lo, hi := sourceRange(text)
		key := keyOf(text)
		if a, ok := parseAddress(text); ok {
			if bytes.Compare(key, lo) < 0 || bytes.Compare(key, hi) > 0 {
				t.Fatalf("%v (%s) is not in %s–%s", a, hex.EncodeToString(key), hex.EncodeToString(lo), hex.EncodeToString(hi))
			}
			return
		}
		if bytes.Compare(key, lo) >= 0 && bytes.Compare(key, hi) <= 0 {
			t.Fatalf("%q is a source", text)
		}
	})
}
