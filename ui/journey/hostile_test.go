//go:build unix

package journey

import (
	"bytes"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"doorman/ui/term"
)

// poisons are texts that break careless terminals; 31337 marks every sequence.
func poisons() []string {
	return []string{
		"\x1b]0;31337\a", "\x1b]8;;http://31337\x1b\\x\x1b]8;;\x1b\\", "\x1b]52;c;MzEzMzc=\a", "\x1b[31337mred\x1b[2J\x1b[1;1H", "\x1bP31337\x1b\\",
		"\u009b31337m\u009d0;31337\u009c", "a\x00b\rc\bd\x7fe\vf\fg\nh\ti", "\u202e31337\u2066\u200f", "z\u200be\u200cr\u200do\ufeff\u2060",
		"\U000E0001\U000E0041\U000E007F", "Z" + strings.Repeat("\u0301\u0489\u034f", 200), "👩\u200d👩\u200d👧\u200d👦👍🏽🇩🇪☝\ufe0f", strings.Repeat("日", 1400),
		strings.Repeat("W", 4096), "\xff\xfe\xc0\x80\xed\xa0\x80", "\u1100\u1161\u11a8\u3164\u2800", "=cmd|' /C calc'!A0", "'; DROP TABLE x; --",
	}
}

// poisoned fills every column of text of every table with hostile text, with
// dates that can be read and with dates that cannot.
func (s *site) poisoned() *site {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.db+"?_pragma=busy_timeout(120000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	tables := list(s.t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		AND name NOT LIKE '%\_data' ESCAPE '\' AND name NOT LIKE '%\_idx' ESCAPE '\' AND name NOT LIKE '%\_docsize' ESCAPE '\'
		AND name NOT LIKE '%\_config' ESCAPE '\' AND name NOT LIKE '%\_content' ESCAPE '\' ORDER BY name`)
	if len(tables) < 8 {
		s.t.Fatalf("only the tables %q", tables)
	}
	n := 0
	for _, table := range tables {
		if table == "doorman_migration" { // another version would be another program's file
			s.exec(`UPDATE doorman_migration SET name = name || char(27) || ']0;31337' || char(7), program = char(27) || '[31337m'`)
			continue
		}
		columns := list(s.t, db, `SELECT name FROM pragma_table_info('`+table+`') WHERE type LIKE '%CHAR%' OR type LIKE '%TEXT%' OR type LIKE '%DATE%'`)
		for i := range poisons() {
			for _, dated := range []bool{true, false} {
				n++
				s.poisonRow(db, table, columns, poisons(), i, n, dated)
			}
		}
	}
	return s
}

// poisonRow writes one row; what is a key gets a number so that it is one.
func (s *site) poisonRow(db *sql.DB, table string, columns, texts []string, i, n int, dated bool) {
	s.t.Helper()
	var names, marks []string
	var values []any
	for k, c := range columns {
		text := texts[(i+k)%len(texts)]
		switch {
		case dated && (strings.Contains(c, "date") || c == "created" || c == "at" || c == "opened" || c == "next_try" || c == "sent"):
			text = fmt.Sprintf("2026-11-2%d 0%d:00:00.000000", i%5, i%10)
		case dated && (c == "ended" || c == "undone_at" || c == "ended_batch" || c == "revoked_date" || c == "superseded_by"):
			continue
		case c == "id" || c == "email" || c == "prefix" || c == "cluster" || c == "name" || c == "key" || c == "hash" || table == "doorman_outbox_tally":
			text = fmt.Sprintf("%s%06d", text, n)
		case c == "user_id":
			text = list(s.t, db, `SELECT id FROM Account ORDER BY random() LIMIT 1`)[0]
		}
		names, marks, values = append(names, `"`+c+`"`), append(marks, "?"), append(values, text)
	}
	for _, number := range list(s.t, db, `SELECT name FROM pragma_table_info('`+table+`') WHERE "notnull" AND dflt_value IS NULL AND NOT (type LIKE '%CHAR%' OR type LIKE '%TEXT%' OR type LIKE '%DATE%')`) {
		value := any(i % 2)
		if number == "seq" {
			value = 1000 + n
		}
		names, marks, values = append(names, `"`+number+`"`), append(marks, "?"), append(values, value)
	}
	q := `INSERT INTO "` + table + `" (` + strings.Join(names, ", ") + `) VALUES (` + strings.Join(marks, ", ") + `)`
	if _, err := db.Exec(q, values...); err != nil && table != "doorman_feed" && !strings.HasPrefix(table, "doorman_address") {
		s.t.Fatalf("%s: %v", q, err)
	}
}

// shell runs a query that gives texts, as another program would.
func (s *site) shell(query string) []string {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.db+"?_pragma=busy_timeout(120000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	return list(s.t, db, query)
}

// list runs a query that gives one text a row.
func list(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// ours are the sequences that the program itself may send: inks, the cursor,
// erasing, modes, the question for the background, and a title that begins with
// its name and holds nothing but text.
var ours = regexp.MustCompile(`\x1b\[[0-9;:]*m|\x1b\[[0-9;]*[ABCDGHJKLMPXdfr]|\x1b\[\?[0-9;]+[hlcnu]|\x1b\[[0-9]*[cn]|\x1b\[>[0-9;]*[a-z]` +
	`|\x1b\]1[01];\?(\a|\x1b\\)|\x1b\][02];doorman[^\x00-\x1f\x7f]*(\a|\x1b\\)|\x1b[=>78]|\x1b\(B`)

// harmless fails the test when anything that reached a terminal, or a pipe, was
// not the program's own and not plain text.
// With exact, text that takes room otherwise than it seems may stay: JSON is for
// programs.
func harmless(t *testing.T, where string, raw []byte, exact bool) {
	t.Helper()
	for _, seq := range ours.FindAll(raw, -1) {
		if bytes.Contains(seq, []byte("31337")) && !bytes.HasPrefix(seq, []byte("\x1b]")) {
			t.Errorf("%s: a sequence from outside: %q", where, seq)
		}
	}
	text := ours.ReplaceAll(raw, nil)
	for _, line := range strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.ToValidUTF8(line, "\xff"); strings.Contains(line, "\xff") {
			t.Errorf("%s: bytes that are no text: %q", where, cutTo(line, 200))
			return
		}
		if at := strings.IndexFunc(line, hides); at >= 0 {
			t.Errorf("%s: %U came through: %q", where, []rune(line[at:])[0], cutTo(line, 200))
			return
		}
		if !exact && len(line) < 4000 && term.Show(line) != line {
			t.Errorf("%s: text that the boundary has not seen: %q", where, cutTo(line, 200))
			return
		}
	}
	for _, p := range poisons() {
		if strings.ContainsAny(p, "\r\b\x00\x1b") && bytes.Contains(raw, []byte(p)) {
			t.Errorf("%s: %q came through", where, p)
		}
	}
}

func hides(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

func cutTo(s string, n int) string { return s[:min(len(s), n)] }

// frame asks for the whole screen anew and returns its lines as they were sent:
// the emulator counts the cells of marks and wide signs otherwise.
func (c *console) frame() []string {
	c.t.Helper()
	rows := len(c.lines())
	from := len(c.bytes())
	whole := func() []byte {
		_, b, _ := bytes.Cut(c.bytes()[from:], []byte("\x1b[2J"))
		for {
			_, after, found := bytes.Cut(b, []byte("\x1b[?2026h"))
			body, rest, ended := bytes.Cut(after, []byte("\x1b[?2026l"))
			if !found || !ended {
				return nil
			}
			if bytes.Count(body, []byte("\n")) == rows-1 {
				return body
			}
			b = rest
		}
	}
	polls := 0
	c.until("a whole frame", func() bool {
		if polls%400 == 0 { // what is typed ahead of a record that does not come is dropped
			c.send("\x0c")
		}
		polls++
		return whole() != nil
	})
	return strings.Split(strings.ReplaceAll(string(whole()), "\r", ""), "\n")
}

// looks waits until the path in the second line holds a text, and checks the
// screen: header and path go from edge to edge, no line is wider.
func (c *console) looks(path string) *console {
	c.t.Helper()
	c.mu.Lock()
	cols, _ := c.vt.Size()
	c.mu.Unlock()
	var lines []string
	c.until(path, func() bool {
		lines = c.frame()
		return strings.Contains(ansi.Strip(lines[1]), path)
	})
	for i, l := range lines {
		if got := ansi.StringWidth(l); got > cols || i < 2 && got != cols {
			c.t.Errorf("%s at %d: line %d is %d cells wide: %q", path, cols, i, got, ansi.Strip(l))
		}
	}
	return c
}

// reaches presses a key until it leads where it should: a list may still be empty
// at first.
func (c *console) reaches(key, path string) *console {
	c.t.Helper()
	c.until(path, func() bool {
		c.send(key)
		return strings.Contains(ansi.Strip(c.frame()[1]), path)
	})
	return c.looks(path)
}

// says waits until the program has sent a text since a moment.
func (c *console) says(from int, text string) *console {
	c.t.Helper()
	return c.until(text, func() bool { return bytes.Contains(ansiless(c.bytes()[from:]), []byte(text)) })
}

func ansiless(b []byte) []byte { return []byte(ansi.Strip(string(b))) }

// Every page of the real program on a database in which every text is hostile.
func TestHostilePages(t *testing.T) {
	s := newSite(t).underAttack(attack).poisoned()
	s.exec(`UPDATE PasswordReset SET requested_agent = char(27) || ']0;31337' || char(7) || char(0x202e) || 'x' WHERE requested_agent LIKE 'python%'`)
	s.exec(`UPDATE Account SET email = char(27) || '[31337m' || email WHERE email LIKE 'person.1%'`)
	for _, size := range [][2]int{{60, 20}, {80, 24}, {131, 43}, {200, 60}} {
		c := s.start(size[0], size[1], nil).says(0, "? help")
		c.visitAll()
		c.send("1").looks("Clusters ─").send("q").ends(0)
		harmless(t, fmt.Sprintf("the console at %d", size[0]), c.bytes(), false)
	}
}

// visitAll opens every view, the help, the palette, and what V shows.
func (c *console) visitAll() {
	c.t.Helper()
	for _, v := range []struct{ key, title string }{
		{"1", "Clusters ─"}, {"2", "Accounts ─"}, {"3", "Resets ─"}, {"4", "Blocks ─"}, {"5", "Outbox ─"}, {"6", "Audit ─"}, {"7", "Cases ─"},
	} {
		c.send(v.key).looks(v.title)
		c.send("j", "j", "j").looks(v.title)
		c.reaches("V", "As it is stored ─")
		c.send("G").looks("As it is stored ─").send("q").looks(v.title)
		c.reaches(enter, " > ")
		c.send("V", "q").send(v.key).looks(v.title)
		for key, title := range map[string]string{"?": "Keys: ", ":": "Commands"} {
			from := len(c.bytes())
			c.send(key).says(from, title)
			from = len(c.bytes())
			c.send(esc).says(from, "? help").looks(v.title) // ctrl+l right after esc would be alt+ctrl+l
		}
	}
	c.send("6").looks("Audit ─").reaches("t", " > Line ")
	c.send("6").looks("Audit ─").send("B").looks("Batches ─").reaches(enter, " > ")
	c.send("1").looks("Clusters ─").reaches("w", "What if ─")
	c.send("2").looks("Accounts ─").send("/31337", enter).looks("Accounts ─")
}
