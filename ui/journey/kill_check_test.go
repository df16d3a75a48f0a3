//go:build unix

package journey

import (
	"bytes"
	"context"
	"database/sql"
	"maps"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"doorman/mail"
)

// ledger is what was acknowledged, by a printed line, an exit status or a text on
// the screen.
type ledger struct {
	mu      sync.Mutex
	issued  map[string]string // reset → address
	batches map[string]string // batch → verb
	undone  map[string]bool   // batches
	asked   map[string]bool   // agents of requests
	used    map[string]int    // reset → how often its link was taken
	brought map[string]bool   // agents of imports; false: not acknowledged
	shown   map[string]int    // operator and verb → how often a console said so
}

func newLedger() *ledger {
	return &ledger{issued: map[string]string{}, batches: map[string]string{}, undone: map[string]bool{}, asked: map[string]bool{},
		used: map[string]int{}, brought: map[string]bool{}, shown: map[string]int{}}
}

func (l *ledger) note(f func(*ledger)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l)
}

// copy returns what is acknowledged now.
func (l *ledger) copy() *ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &ledger{issued: maps.Clone(l.issued), batches: maps.Clone(l.batches), undone: maps.Clone(l.undone), asked: maps.Clone(l.asked),
		used: maps.Clone(l.used), brought: maps.Clone(l.brought), shown: maps.Clone(l.shown)}
}

// audited counts the acknowledged acts that leave a line in the log.
func (l *ledger) audited() int {
	n := len(l.issued) + len(l.batches) + len(l.undone)
	for _, times := range l.shown {
		n += times
	}
	for _, done := range l.brought {
		if done {
			n++
		}
	}
	return n
}

func (l *ledger) acks() int { return l.audited() + len(l.asked) + len(l.used) }

// post is what the relay took.
type post struct {
	t      *testing.T
	mu     sync.Mutex
	first  map[string]mail.Captured // by Message-ID
	reset  map[string]string        // Message-ID → reset
	tokens []string
	copies int
}

func newPost(t *testing.T) *post {
	return &post{t: t, first: map[string]mail.Captured{}, reset: map[string]string{}}
}

// listen is a relayOption: it compares each letter with the copies before it.
func (p *post) listen(o *mail.CaptureOptions) {
	o.Received = func(m mail.Captured) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.copies++
		old, again := p.first[m.MessageID]
		if again {
			if m.To != old.To || !bytes.Equal(m.Raw, old.Raw) {
				p.t.Errorf("an email came twice, but not the same, to %s", m.To)
			}
			return
		}
		p.first[m.MessageID] = m
		if token, ok := m.Token(resetURL); ok {
			p.reset[m.MessageID] = token.ID()
			p.tokens = append(p.tokens, token.Reveal())
		}
	}
}

// some returns a token, rather a new one, and its reset.
func (p *post) some(rnd *rand.Rand) (token, reset string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.tokens) == 0 {
		return "", ""
	}
	token = p.tokens[len(p.tokens)-1-rnd.IntN(min(len(p.tokens), 30))]
	reset, _, _ = strings.Cut(token, ".")
	return token, reset
}

func (p *post) taken() (letters, copies int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.first), p.copies
}

// letters returns the resets of all letters by Message-ID, "" for one without a
// link.
func (p *post) letters() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]string{}
	for id := range p.first {
		out[id] = p.reset[id]
	}
	return out
}

// halves are questions that nothing but an act done by half would answer with
// more than 0.
func halves() map[string]string {
	return map[string]string{
		"issued resets without just one email": `SELECT count(*) FROM PasswordReset r WHERE (issued_by IS NOT NULL OR requested_agent LIKE 'clerk-% asks %')
			AND (SELECT count(*) FROM doorman_outbox o WHERE o.reset_id = r.id AND o.kind = 'reset-issued') <> 1`,
		"emails without a reset":         `SELECT count(*) FROM doorman_outbox WHERE reset_id NOT IN (SELECT id FROM PasswordReset)`,
		"issued resets without a line":   `SELECT abs((SELECT count(*) FROM PasswordReset WHERE issued_by IS NOT NULL) - (SELECT count(*) FROM doorman_audit WHERE verb = 'issue'))`,
		"batches without just one line":  `SELECT count(*) FROM doorman_batch b WHERE (SELECT count(*) FROM doorman_audit a WHERE a.batch_id = b.id AND a.verb = b.verb) <> 1`,
		"lines of batches that are not":  `SELECT count(*) FROM doorman_audit WHERE batch_id <> '' AND batch_id NOT IN (SELECT id FROM doorman_batch)`,
		"undone batches without a line":  `SELECT count(*) FROM doorman_batch b WHERE (undone_at IS NOT NULL) <> (SELECT count(*) FROM doorman_audit a WHERE a.batch_id = b.id AND a.verb = 'undo')`,
		"batches with another number":    `SELECT count(*) FROM doorman_batch b WHERE verb IN ('revoke', 'contain') AND undone_at IS NULL AND (SELECT count(*) FROM PasswordReset r WHERE r.batch_id = b.id AND revoked_date IS NOT NULL) <> (SELECT sum(json_extract(value, '$.n')) FROM json_each(b.counts) WHERE json_extract(value, '$.label') = 'resets')`,
		"revoked resets without a batch": `SELECT count(*) FROM PasswordReset WHERE revoked_date IS NOT NULL AND (was_used = 0 OR batch_id NOT IN (SELECT id FROM doorman_batch))`,
		"rules without a batch": `SELECT count(*) FROM doorman_rule WHERE batch_id NOT IN (SELECT id FROM doorman_batch) OR ended_batch NOT IN (SELECT id FROM doorman_batch)
			OR ended IS NOT NULL AND ended_batch IS NULL AND batch_id NOT IN (SELECT id FROM doorman_batch WHERE undone_at IS NOT NULL)`,
		"contained without a block":     `SELECT count(*) FROM doorman_batch b WHERE verb = 'contain' AND (SELECT count(*) FROM doorman_rule u WHERE u.batch_id = b.id) <> 1`,
		"used links without an email":   `SELECT count(*) FROM PasswordReset r WHERE used_agent LIKE 'clerk-%' AND (SELECT count(*) FROM doorman_outbox o WHERE o.reset_id = r.id AND o.kind = 'reset-completed') <> 1`,
		"superseded by an unsent email": `SELECT count(*) FROM PasswordReset r WHERE superseded_by IS NOT NULL AND (was_used = 0 OR NOT EXISTS (SELECT 1 FROM doorman_outbox o WHERE o.reset_id = r.superseded_by AND o.state = 'sent'))`,
		"held accounts without a batch": `SELECT count(*) FROM Account a WHERE held_date IS NOT NULL AND NOT EXISTS (SELECT 1 FROM doorman_batch b WHERE b.verb = 'hold' AND b.subject = a.id AND b.undone_at IS NULL)`,
		"imports in part":               `SELECT count(*) FROM (SELECT 1 FROM PasswordReset WHERE requested_agent LIKE 'clerk-% brings %' GROUP BY requested_agent HAVING count(*) <> 40)`,
		"broken references":             `SELECT count(*) FROM pragma_foreign_key_check`,
		"damage":                        `SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
	}
}

// check lets the program look at its database, then looks itself: at one moment,
// while the others go on.
func (b *battle) check() {
	b.t.Helper()
	acked, before := b.ledger.copy(), b.post.letters()
	if r := b.try("", "db", "check"); r.status != 0 {
		log, _ := os.ReadFile(b.path("state/doorman/doorman.log"))
		b.t.Errorf("%+v\n%s", r, log)
	}
	db, err := sql.Open("sqlite", "file:"+b.db+"?_pragma=busy_timeout(120000)")
	if err != nil {
		b.t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for what, query := range halves() {
		var n int
		if err := tx.QueryRow(query).Scan(&n); err != nil || n != 0 {
			b.t.Errorf("%s: %d %v", what, n, err)
		}
	}
	b.holds(tx, acked)
	known := column(b.t, tx, `SELECT message_id, reset_id FROM doorman_outbox`)
	for id, reset := range before {
		if kept, ok := known[id]; !ok || reset != "" && reset != kept {
			b.t.Errorf("an email went out that nobody queued: %s", id)
		}
	}
	after := b.post.letters()
	for id := range column(b.t, tx, `SELECT message_id, '' FROM doorman_outbox WHERE state = 'sent'`) {
		if _, ok := after[id]; !ok {
			b.t.Errorf("an email is marked as sent that the relay never took: %s", id)
		}
	}
}

// column reads two columns as a map.
func column(t *testing.T, tx *sql.Tx, query string) map[string]string {
	t.Helper()
	rows, err := tx.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			t.Fatal(err)
		}
		out[key] = value
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// holds compares the database with what was acknowledged.
func (b *battle) holds(tx *sql.Tx, acked *ledger) {
	b.t.Helper()
	resets := column(b.t, tx, `SELECT r.id, coalesce(a.email, '') FROM PasswordReset r JOIN Account a ON a.id = r.user_id WHERE issued_by IS NOT NULL`)
	for id, email := range acked.issued {
		if resets[id] != email {
			b.t.Errorf("an issued reset is lost: %s for %s", id, email)
		}
	}
	batches := column(b.t, tx, `SELECT id, verb FROM doorman_batch`)
	for id, verb := range acked.batches {
		if batches[id] != verb {
			b.t.Errorf("a batch is lost: %s %s", verb, id)
		}
	}
	undone := column(b.t, tx, `SELECT id, undone_at FROM doorman_batch WHERE undone_at IS NOT NULL`)
	for id := range acked.undone {
		if undone[id] == "" {
			b.t.Errorf("what was undone is not: %s", id)
		}
	}
	agents := column(b.t, tx, `SELECT requested_agent, count(*) FROM PasswordReset WHERE requested_agent LIKE 'clerk-%' GROUP BY 1`)
	for agent := range acked.asked {
		if agents[agent] != "1" {
			b.t.Errorf("a request is lost: %s", agent)
		}
	}
	for agent, done := range acked.brought {
		if done && agents[agent] == "" {
			b.t.Errorf("an import is lost: %s", agent)
		}
	}
	used := column(b.t, tx, `SELECT id, used_date FROM PasswordReset WHERE used_date IS NOT NULL`)
	for id, times := range acked.used {
		if used[id] == "" || times != 1 {
			b.t.Errorf("a link was taken %d times and is marked as used at %q", times, used[id])
		}
	}
	lines := column(b.t, tx, `SELECT operator || ' ' || verb, count(*) FROM doorman_audit GROUP BY 1`)
	for what, times := range acked.shown {
		if n := atoi(lines[what]); n < times {
			b.t.Errorf("%s: the screen said so %d times, the log %d times", what, times, n)
		}
	}
}

func atoi(text string) (n int) {
	for _, r := range text {
		n = 10*n + int(r-'0')
	}
	return n
}

// unsaid counts the acts in the log that nobody was told of: the kill came
// between the end of the transaction and the word.
func (b *battle) unsaid() int {
	return b.count(`SELECT count(*) FROM doorman_audit WHERE operator LIKE 'clerk-%' OR operator LIKE 'console-%'`) - b.ledger.audited()
}

// checkLetters wants every letter taken by the relay, but for those whose reset
// ended before and those to the one who has no mailbox.
func (b *battle) checkLetters() {
	b.t.Helper()
	for what, query := range map[string]string{
		"emails without an end":             `SELECT count(*) FROM doorman_outbox WHERE state NOT IN ('sent', 'cancelled', 'undeliverable')`,
		"live resets without an email":      `SELECT count(*) FROM PasswordReset r WHERE was_used = 0 AND (issued_by IS NOT NULL OR requested_agent LIKE 'clerk-% asks %') AND NOT EXISTS (SELECT 1 FROM doorman_outbox o WHERE o.reset_id = r.id AND o.kind = 'reset-issued' AND (o.state = 'sent' OR o.state = 'undeliverable' AND o.recipient = '` + refusedPerson + `'))`,
		"emails given up":                   `SELECT count(*) FROM doorman_outbox WHERE state = 'undeliverable' AND recipient <> '` + refusedPerson + `'`,
		"emails about a change never sent":  `SELECT count(*) FROM doorman_outbox WHERE kind = 'reset-completed' AND state <> 'sent' AND recipient <> '` + refusedPerson + `'`,
		"emails cancelled for a live reset": `SELECT count(*) FROM doorman_outbox o JOIN PasswordReset r ON r.id = o.reset_id WHERE o.state = 'cancelled' AND o.kind = 'reset-issued' AND r.was_used = 0`,
	} {
		if n := b.count(query); n != 0 {
			b.t.Errorf("%s: %d", what, n)
		}
	}
}
