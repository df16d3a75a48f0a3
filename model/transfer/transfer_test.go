package transfer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"doorman/model"
)

// collect reads to the end and returns the records and the errors as text.
func collect[T any](seq iter.Seq2[T, error]) (good []T, bad []string) {
	for v, err := range seq {
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		good = append(good, v)
	}
	return good, bad
}

func accounts(f Format, text string) ([]model.AccountInput, []string) {
	return collect(ReadAccounts(strings.NewReader(text), Options{Format: f}))
}

func resets(f Format, text string) ([]model.ResetInput, []string) {
	return collect(ReadResets(strings.NewReader(text), Options{Format: f}))
}

const (
	idA = "4fc6f8ae03fb8d8e8485d12a58afa928"
	idB = "55a6d73b04c25abfc4cbfc04d1357f3c"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestReadAccounts(t *testing.T) {
	want := []model.AccountInput{
		{Line: 1, ID: idA, Email: "anna@example.org", Created: at("2026-03-01T23:00:00.5Z"), EmailConfirmed: true},
		{Line: 3, Email: "bob@example.org"},
	}
	text := `{"id":"` + idA + `","email":"anna@example.org","created":"2026-03-02T00:00:00.5+01:00","email_confirmed":true}` + "\n\n" +
		`{"email":"bob\u0040example.org","id":null,"email_confirmed":0}` + "\r\n"
	got, bad := accounts(JSONL, text)
	if len(bad) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("JSONL:\n got %+v %q\nwant %+v", got, bad, want)
	}
	text = "\xef\xbb\xbfemail_confirmed,id,EMAIL ,created\r\n" +
		"1," + idA + ",anna@example.org,2026-03-01 23:00:00.500000\r\n" +
		",,\"bob@example.org\",\n"
	want[0].Line, want[1].Line = 2, 3
	got, bad = accounts(CSV, text)
	if len(bad) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("CSV:\n got %+v %q\nwant %+v", got, bad, want)
	}
}

func TestReadResets(t *testing.T) {
	want := []model.ResetInput{{
		Line: 1, ID: idA, Created: at("2026-03-02T00:00:51.473Z"), AccountID: idB, Email: "anna@example.org",
		IP: "2001:db8::1", Agent: "curl/8 “x”", Used: at("2026-03-02T00:05:00Z"), UsedIP: "203.0.113.9", Expires: at("2026-03-02T01:00:51Z"),
	}}
	text := `{"id":"` + strings.ToUpper(idA) + `","created":"2026-03-02T00:00:51.473Z","account":"` + idB + `","email":"anna@example.org",` +
		`"ip":"2001:db8::1","user_agent":"curl/8 “x”","used":"2026-03-02T00:05:00Z","used_ip":"203.0.113.9","expires":"2026-03-02T01:00:51Z"}`
	got, bad := resets(JSONL, text)
	if len(bad) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v %q\nwant %+v", got, bad, want)
	}
}

func TestTimesWithoutZoneAreInTheGivenOne(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	text := "email,created\na@example.org,2026-07-01 02:00:00.000001\nb@example.org,2026-07-01T02:00:00Z\n"
	got, bad := collect(ReadAccounts(strings.NewReader(text), Options{Format: CSV, Zone: berlin}))
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	if w := at("2026-07-01T00:00:00.000001Z"); !got[0].Created.Equal(w) {
		t.Errorf("without a zone: %v, want %v", got[0].Created, w)
	}
	if w := at("2026-07-01T02:00:00Z"); !got[1].Created.Equal(w) {
		t.Errorf("with one: %v, want %v", got[1].Created, w)
	}
}

func TestBadRecordsAreNamedByLineAndField(t *testing.T) {
	const ok = `"email":"a@example.org","created":"2026-01-01T00:00:00Z"`
	for _, c := range []struct{ text, want string }{
		{`{"email":"a@example.org","created":"yesterday"}`, `created: "yesterday" is not a valid time (line 1)`},
		{`{"email":"a@example.org","created":12}`, `created: must be a string, not "12" (line 1)`},
		{`{"email":"a@example.org","created":"0001-01-01T00:00:00Z"}`, `created: the year 1 cannot be right (line 1)`},
		{`{"email":"a@example.org"}`, `created: is missing (line 1)`},
		{`{"created":"2026-01-01T00:00:00Z"}`, `account: is missing (line 1)`},
		{`{"email":"no address","created":"2026-01-01T00:00:00Z"}`, `email: "no address" holds a space or an invisible character (line 1)`},
		{`{` + ok + `,"ip":"999.1.1.1"}`, `ip: "999.1.1.1" is not an IP address (line 1)`},
		{`{` + ok + `,"ip":"fe80::1%eth0"}`, `ip: "fe80::1%eth0" is not an IP address (line 1)`},
		{`{` + ok + `,"ip":{"a":1}}`, `ip: must be a single value, not an object or a list (line 1)`},
		{`{` + ok + `,"id":"4fc6f8ae…"}`, `id: "4fc6f8ae\u2026" is a masked id (line 1)`},
		{`{` + ok + `,"id":"4fc6 f8ae"}`, `id: "4fc6 f8ae" is not an id (line 1)`},
		{`{` + ok + `,"colour":"red"}`, `there is no field "colour" (line 1)`},
		{`{` + ok + `,"ip":"1.2.3.4","requested_ip":"1.2.3.4"}`, `ip: is given twice (line 1)`},
		{`{` + ok + `,"ip":null,"ip":null}`, `ip: is given twice (line 1)`},
		{`{` + ok + `,"state":"gone"}`, `state: there is no state "gone" (line 1)`},
		{"{" + ok + `,"ip":"` + "\xff" + `"}`, `ip: is not valid UTF-8: "\xff" (line 1)`},
		{"\n\n{", `is not a JSON object: no " before a string at column 2 (line 3)`},
		{`[{}]`, `is a JSON array, not an object (line 1)`},
		{`{} {}`, `is not a JSON object: more text after the object at column 4 (line 1)`},
	} {
		if got, bad := resets(JSONL, c.text); len(got) > 0 || len(bad) != 1 || bad[0] != c.want {
			t.Errorf("%s\n got %q (and %d records)\nwant %q", c.text, bad, len(got), c.want)
		}
	}
}

func TestReadingGoesOnAfterABadRecord(t *testing.T) {
	for _, c := range []struct {
		format Format
		text   string
	}{
		{JSONL, "{\"email\":\"a@example.org\"}\nnonsense\n{\"email\":\"b@example.org\"}"},
		{JSONL, "{\"email\":\"a@example.org\"}\n" + strings.Repeat("x", maxRecord+10) + "\n{\"email\":\"b@example.org\"}"},
		{CSV, "email\na@example.org\n\"a\" b\nb@example.org"},
		{CSV, "email\na@example.org\nx@example.org,too many\nb@example.org"},
		{CSV, "email\na@example.org\nnonsense\nb@example.org"},
	} {
		var good []model.AccountInput
		var bad []error
		var line int
		for a, err := range ReadAccounts(strings.NewReader(c.text), Options{Format: c.format}) {
			if err != nil {
				bad, line = append(bad, err), a.Line
				continue
			}
			good = append(good, a)
		}
		wantLine := 2
		if c.format == CSV {
			wantLine = 3
		}
		if len(good) != 2 || len(bad) != 1 || line != wantLine || !model.IsKind(bad[0], model.Invalid) {
			t.Errorf("%.60q: got %+v, errors %v at line %d", c.text, good, bad, line)
		}
	}
}

func TestWhatCannotBeReadOnEndsIt(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("email\na@example.org\n"), iotest.ErrReader(errors.New("disk gone")))
	for name, c := range map[string]struct {
		in   io.Reader
		want string
	}{
		"error of the file":    {broken, "disk gone"},
		"UTF-16":               {strings.NewReader("\xff\xfee\x00m\x00"), "the file is UTF-16 (line 1)"},
		"no header":            {strings.NewReader("a@example.org\n"), `names no fields: "a@example.org" (line 1)`},
		"unknown column":       {strings.NewReader("email,colour\n"), `there is no field "colour" (line 1)`},
		"column twice":         {strings.NewReader("email,email\n"), "email: is there twice (line 1)"},
		"semicolons":           {strings.NewReader("email;id\n"), `the fields are not set apart by commas: "email;id" (line 1)`},
		"a quote never closed": {strings.NewReader("email\n\"" + strings.Repeat("x\n", maxRecord)), "is longer than 1 MiB (line 2)"},
	} {
		t.Run(name, func(t *testing.T) {
			var last error
			n := 0
			for _, err := range ReadAccounts(c.in, Options{Format: CSV}) {
				if last != nil {
					t.Fatalf("reading went on after %v", last)
				}
				last = err
				n++
			}
			if last == nil || !strings.Contains(last.Error(), c.want) || model.IsKind(last, model.Invalid) {
				t.Errorf("after %d records: %v, want %s, not of kind invalid", n, last, c.want)
			}
		})
	}
}

func TestAgentsAreCleanedNotRefused(t *testing.T) {
	text := "{\"email\":\"a@example.org\",\"created\":\"2026-01-01T00:00:00Z\",\"user_agent\":\"x\xff\\u0000\\u001b[2J\\ud800" + strings.Repeat("y", 2000) + "\"}"
	got, bad := resets(JSONL, text)
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	if a := got[0].Agent; !strings.HasPrefix(a, "x\ufffd\x1b[2J\ufffdyyy") || len(a) > model.MaxAgent {
		t.Errorf("agent %.40q of %d bytes", a, len(a))
	}
}

// What is exported can be imported again, and says the same.
func TestExportsImportAgain(t *testing.T) {
	list := sampleResets(50)
	list[3].RequestedAgent = "=cmd|' /C calc'!A0"
	list[4].RequestedAgent = "'=already quoted"
	list[5].RequestedAgent = "two\nlines, \"quotes\" and ＝ \u202e\x1b[31m"
	list[6].Email = "+plus@example.org"
	list[7].Revoked = list[7].Created.Add(time.Second)
	list[8].Created = list[8].Created.Add(123456 * time.Microsecond)
	for _, f := range []Format{JSONL, CSV} {
		got, bad := resets(f, string(written(t, f, list)))
		if len(bad) > 0 || len(got) != len(list) {
			t.Fatalf("%s: %d records, errors %q", f, len(got), bad)
		}
		for i, r := range list {
			want := model.ResetInput{
				Line: got[i].Line, ID: r.ID.Full(), Created: r.Created, AccountID: r.AccountID, Email: r.Email, IP: r.RequestedIP,
				Agent: r.RequestedAgent, Used: r.Used, UsedIP: r.UsedIP, Revoked: r.Revoked, Expires: r.Expires,
			}
			if got[i] != want {
				t.Errorf("%s %d:\n got %+v\nwant %+v", f, i, got[i], want)
			}
		}
	}
}

func TestAccountsImportAgain(t *testing.T) {
	row := model.AccountRow{Account: model.Account{ID: idA, Email: "-minus@example.org", Created: at("2026-01-02T03:04:05.6Z"), EmailConfirmed: true}, Resets: 3, Live: 1}
	for _, f := range []Format{JSONL, CSV} {
		var b bytes.Buffer
		w, err := NewWriter(&b, f, AccountColumns())
		if err == nil {
			err = w.Write(&row)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		got, bad := accounts(f, b.String())
		want := model.AccountInput{ID: idA, Email: row.Email, Created: row.Created, EmailConfirmed: true}
		if len(bad) == 0 {
			got[0].Line = 0
		}
		if len(bad) > 0 || got[0] != want {
			t.Errorf("%s: %+v %q, want %+v", f, got, bad, want)
		}
	}
}

// A superseded reset has no date of its own in an export; it must not come back
// to life.
func TestSpentResetsStaySpent(t *testing.T) {
	for _, state := range []string{"used", "revoked", "superseded"} {
		got, bad := resets(JSONL, `{"email":"a@example.org","created":"2026-01-01T00:00:00Z","state":"`+state+`"}`)
		if len(bad) > 0 || got[0].Revoked.IsZero() {
			t.Errorf("%s: %+v %q", state, got, bad)
		}
	}
	got, bad := resets(JSONL, `{"email":"a@example.org","created":"2026-01-01T00:00:00Z","state":"live"}`)
	if len(bad) > 0 || !got[0].Revoked.IsZero() {
		t.Errorf("live: %+v %q", got, bad)
	}
}

func TestMaskedExportIsRefused(t *testing.T) {
	list := sampleResets(1)
	list[0].ID = model.NewResetID(idA, model.SchemeID)
	for _, f := range []Format{JSONL, CSV} {
		text := written(t, f, list)
		if bytes.Contains(text, []byte(idA)) {
			t.Fatalf("%s: a credential in an export", f)
		}
		_, bad := resets(f, string(text))
		if len(bad) != 1 || !strings.Contains(bad[0], "is a masked id") {
			t.Errorf("%s: %q", f, bad)
		}
	}
}

func TestJSONIsExactAndHarmless(t *testing.T) {
	hostile := "a\"\\\x00\x1b]0;t\a\r\n\t\x7f\u009b31m\u202e\u200b\u2028\U000e0041\u034f\ufe0f💀é"
	list := sampleResets(2)
	list[0].RequestedAgent, list[1].RequestedAgent = hostile, "x\xff"
	text := written(t, JSON, list)
	var back []map[string]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if got := back[0]["requested_agent"]; got != hostile {
		t.Errorf("got %q, want %q", got, hostile)
	}
	if got := back[1]["requested_agent"]; got != "x\ufffd" {
		t.Errorf("invalid UTF-8: %q", got)
	}
	if back[1]["used"] != nil || back[0]["used"] != "2026-03-02T00:03:51.473Z" {
		t.Errorf("times: %v and %v", back[0]["used"], back[1]["used"])
	}
	for _, r := range string(text) {
		if r < ' ' && r != '\n' || r == 0x7f || r > 0x7f && r < 0xa0 || strings.ContainsRune("\u202e\u200b\u2028\u034f\ufe0f\U000e0041", r) {
			t.Errorf("%U reaches the terminal", r)
		}
	}
}

func TestNothingIsAnEmptyList(t *testing.T) {
	for f, want := range map[Format]string{JSON: "[]\n", JSONL: "", CSV: "id,account,email,state,created,expires,used,revoked,requested_ip,requested_agent,used_ip,issued_by,delivery\n"} {
		if got := string(written(t, f, nil)); got != want {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "'quoted": "'quoted", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx",
		"\rx": "'\rx", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "'=1": "''=1", "''=": "'''=",
	} {
		got := guardCell(in)
		if got != want || unguardCell(got) != in {
			t.Errorf("%q: got %q, want %q; back %q", in, got, want, unguardCell(got))
		}
	}
}

func TestExtractCopiesBadRecords(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	for _, c := range []struct {
		format     Format
		text, want string
		lines      []int
	}{
		{JSONL, "a\nb\n" + long + "\nd", "b\n" + long + "\n", []int{3, 2}},
		{JSONL, "a\nb", "b", []int{2, 9}},
		{CSV, "\xef\xbb\xbfid,email\n1,a\n2,\"b\nb\"\n3,c\n\"4\" d\n5,e\n", "id,email\n2,\"b\nb\"\n\"4\" d\n", []int{3, 6}},
		{CSV, "id,email\n" + strings.Repeat("1,"+long[:1000]+"\n", 500) + "2,b", "id,email\n2,b", []int{502}},
	} {
		var b strings.Builder
		if err := Extract(strings.NewReader(c.text), c.format, c.lines, &b); err != nil || b.String() != c.want {
			t.Errorf("%.40q %v: got %.60q (%d), want %.60q (%d), error %v", c.text, c.lines, b.String(), b.Len(), c.want, len(c.want), err)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]Format{"a.csv": CSV, "b.JSONL": JSONL, "c.ndjson": JSONL, "d.json": "", "e": "", "f.gz": ""} {
		got, err := FormatOf(path)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
}

// FuzzObject holds the scanner to what encoding/json accepts and reads.
func FuzzObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":"b"}`, ` { "a" : null , "b":true,"c":-1.5e3 } `, `{"a":"\ud83d\ude00\ud800\n"}`, `{"a":01}`,
		`{"a":"` + "\x01" + `"}`, `{"a"}`, `{"a":1,}`, `{"a":"\x"}`, "{\"a\":\"\xff\"}", `{"a":tru}`, `{"a":"b"}x`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := map[string]any{}
		nested := false
		o := object{s: s}
		err := o.scan(func(name string, c cell) error {
			switch {
			case c.kind == absent:
				got[name] = nil
			case c.kind == literal:
				got[name] = json.RawMessage(c.text)
			default:
				got[strings.ToValidUTF8(name, "\ufffd")] = c.text
			}
			return nil
		})
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal([]byte(s), &want)
		for _, raw := range want {
			nested = nested || raw[0] == '{' || raw[0] == '['
		}
		if nested || want == nil && wantErr == nil {
			return // null, or objects in objects: more than is needed
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: error %v, encoding/json %v", s, err, wantErr)
		}
		for name, raw := range want {
			text, ok := got[name].(string)
			var plain string
			if !ok || json.Unmarshal(raw, &plain) != nil {
				continue
			}
			if jsonClean(text) != plain {
				t.Fatalf("%q: %q is %q, encoding/json %q", s, name, text, plain)
			}
		}
	})
}

// jsonClean replaces each invalid byte as encoding/json does.
func jsonClean(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

// FuzzRead looks for files that make a reader panic, hang or report a line
// that is not there.
func FuzzRead(f *testing.F) {
	f.Add("email\na@example.org\n", true)
	f.Add("id,created,account,email,ip,user_agent,used,used_ip,expires\n,2026-01-01 00:00:00,,a@example.org,::1,\"x\ny\",,,\n", true)
	f.Add(`{"email":"a@example.org","created":"2026-01-01T00:00:00.000001Z","ip":"::ffff:1.2.3.4"}`+"\n", false)
	f.Add("\xff\xfe", true)
	f.Add("\xef\xbb\xbf{}\n\n[", false)
	f.Fuzz(func(t *testing.T, text string, asCSV bool) {
		o := Options{Format: JSONL}
		if asCSV {
			o.Format = CSV
		}
		lines := strings.Count(text, "\n") + 1
		for r, err := range ReadResets(strings.NewReader(text), o) {
			if r.Line < 1 || r.Line > lines {
				t.Fatalf("line %d of %d", r.Line, lines)
			}
			if err == nil && (r.Created.IsZero() || r.AccountID == "" && r.Email == "") {
				t.Fatalf("incomplete record %+v", r)
			}
		}
		for range ReadAccounts(strings.NewReader(text), o) {
		}
	})
}

// FuzzWrite holds that what is written reads back, whatever it is.
func FuzzWrite(f *testing.F) {
	f.Add("plain", "=1+1")
	f.Add("a\r\nb\"", "\xff\x00\u202e")
	f.Fuzz(func(t *testing.T, a, b string) {
		columns := []Column[[2]string]{
			{"a", func(v *[2]string) Value { return Text(v[0]) }},
			{"b", func(v *[2]string) Value { return Text(v[1]) }},
		}
		row := [2]string{a, b}
		var back map[string]string
		if err := json.Unmarshal(AppendJSON(nil, columns, &row), &back); err != nil {
			t.Fatal(err)
		}
		if back["a"] != jsonClean(a) || back["b"] != jsonClean(b) {
			t.Fatalf("JSON: %q", back)
		}
		var text bytes.Buffer
		w, err := NewWriter(&text, CSV, columns)
		if err == nil {
			err = w.Write(&row)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&text).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("CSV: %q %v", rows, err)
		}
		for i, want := range row {
			want = strings.ReplaceAll(want, "\r\n", "\n") // encoding/csv reads it so
			if got := unguardCell(strings.ReplaceAll(rows[1][i], "\r\n", "\n")); got != want && !strings.Contains(row[i], "\r") {
				t.Fatalf("CSV: %q, want %q", got, want)
			}
		}
	})
}

func ExampleReadAccounts() {
	text := "email,created\nanna@example.org,2026-03-01\nbob@example.org,\n"
	for a, err := range ReadAccounts(strings.NewReader(text), Options{Format: CSV}) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(a.Line, a.Email)
	}
	// Output:
	// created: "2026-03-01" is not a valid time (line 2)
	// 3 bob@example.org
}

func TestNumbersAndLists(t *testing.T) {
	for _, c := range []struct {
		v          Value
		json, cell string
	}{
		{Real(41.23456), "41.235", "41.235"},
		{Real(3), "3", "3"},
		{Real(math.NaN()), "null", "-"},
		{Real(math.Inf(1)), "null", "-"},
		{List(nil), "[]", "-"},
		{List([]string{"a", "\x1b\""}), `["a","\u001b\""]`, "a \x1b\""},
	} {
		if got := string(c.v.AppendJSON(nil)); got != c.json {
			t.Errorf("JSON %s, want %s", got, c.json)
		}
		if got := c.v.Cell(); got != c.cell {
			t.Errorf("cell %q, want %q", got, c.cell)
		}
	}
}
