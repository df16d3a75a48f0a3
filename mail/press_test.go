package mail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"doorman/model"
)

// templatesIn writes an operator's templates and returns their directory.
func templatesIn(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func pressOf(dir string) (*Press, error) {
	cfg := withLetters(Config{})
	cfg.Templates = dir
	return NewPress(cfg, key, model.SchemeSecret)
}

func TestBothPartsHoldTheOneLink(t *testing.T) {
	l := letterTo("someone@example.org")
	m := write(t, newPress(t), l)
	if !strings.Contains(m.Text, "\n"+linkOf(l)+"\n") {
		t.Errorf("text:\n%s", m.Text)
	}
	if !strings.Contains(m.HTML, `<a href="`+linkOf(l)+`">`+linkOf(l)+`</a>`) {
		t.Errorf("HTML:\n%s", m.HTML)
	}
	if m.Subject != "Reset your password for Example" || !strings.Contains(m.Text, "23 November 2026, 13:00 UTC") {
		t.Errorf("subject %q, text:\n%s", m.Subject, m.Text)
	}
}

func TestTheLetterAboutACompletedResetHoldsNoLink(t *testing.T) {
	l := letterTo("someone@example.org")
	l.Kind, l.SecretHash = model.LetterCompleted, ""
	m := write(t, newPress(t), l)
	if strings.Contains(m.Text+m.HTML, "https://") {
		t.Errorf("a link:\n%s\n%s", m.Text, m.HTML)
	}
	if m.Subject != "Your password for Example was changed" || !strings.Contains(m.HTML, "23 November 2026, 12:00 UTC") {
		t.Errorf("subject %q, HTML:\n%s", m.Subject, m.HTML)
	}
}

func TestThePreviewHoldsNoSecret(t *testing.T) {
	l := letterTo("someone@example.org")
	p, err := NewPress(withLetters(Config{}), nil, model.SchemeSecret)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Preview(l)
	if err != nil {
		t.Fatal(err)
	}
	want := "https://app.example.org/reset/‹secret›"
	if !strings.Contains(v.Text, want) || !strings.Contains(v.HTML, `<a href="`+want+`">`) {
		t.Errorf("preview without its placeholder:\n%s\n%s", v.Text, v.HTML)
	}
	if strings.Contains(v.Text+v.HTML, l.ResetID.Full()) {
		t.Error("the preview shows the id")
	}
	real := write(t, newPress(t), l)
	token := model.NewToken(key, l.ResetID, model.SchemeSecret).Reveal()
	if strings.ReplaceAll(real.HTML, token, placeholder) != v.HTML || strings.ReplaceAll(real.Text, token, placeholder) != v.Text || real.Subject != v.Subject {
		t.Error("the preview is not the email")
	}
}

func TestNoDeadLinkIsWritten(t *testing.T) {
	l := letterTo("someone@example.org")
	other := model.Key(bytes.Repeat([]byte{8}, model.KeySize))
	unhashed := l
	unhashed.SecretHash = ""
	cases := map[string]struct {
		key    model.Key
		scheme model.Scheme
		letter model.Letter
	}{
		"another key":                 {other, model.SchemeSecret, l},
		"no key":                      {nil, model.SchemeSecret, l},
		"no hash in scheme secret":    {key, model.SchemeSecret, unhashed},
		"a hash in scheme id":         {key, model.SchemeID, l},
		"no key and the hash of none": {nil, model.SchemeSecret, unhashed},
	}
	for name, c := range cases {
		p, err := NewPress(withLetters(Config{}), c.key, c.scheme)
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Write(c.letter)
		if !errors.Is(err, ErrWrongKey) || m.Text != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, err := NewPress(withLetters(Config{}), nil, model.SchemeID)
	if err != nil {
		t.Fatal(err)
	}
	if m := write(t, p, unhashed); !strings.Contains(m.Text, "/reset/"+l.ResetID.Full()+"\n") {
		t.Errorf("scheme id:\n%s", m.Text)
	}
}

func TestLinksLeadOnlyWhereTheyShould(t *testing.T) {
	for url, good := range map[string]bool{
		"https://app.example.org/reset/{token}":           true,
		"https://app.example.org/reset?a=1&token={token}": true,
		"https://app.example.org/#/reset/{token}/go":      true,
		"http://127.0.0.1:6543/account/reset/{token}":     true,
		"http://localhost/{token}":                        true,
		"http://[::1]:80/{token}":                         true,
		"http://app.example.org/reset/{token}":            false,
		"https://app.example.org/reset/":                  false,
		"https://app.example.org/{token}/{token}":         false,
		"https://{token}.example.org/":                    false,
		"https://app.example.org:{token}/":                false,
		"https://user:pass@app.example.org/{token}":       false,
		"https:///{token}":                                false,
		"javascript:alert(1)//{token}":                    false,
		"ftp://app.example.org/{token}":                   false,
		"https://app.example.org/a b/{token}":             false,
		"https://app.example.org/\"><b>/{token}":          false,
		"https://app.example.org/\r\nBcc: x/{token}":      false,
		"https://bücher.example.org/{token}":              false,
		"":                                                false,
	} {
		cfg := withLetters(Config{})
		cfg.ResetURL = url
		p, err := NewPress(cfg, key, model.SchemeSecret)
		if (err == nil) != good {
			t.Errorf("%q: %v", url, err)
		}
		if err != nil {
			continue
		}
		l := letterTo("someone@example.org")
		link := strings.Replace(url, "{token}", model.NewToken(key, l.ResetID, model.SchemeSecret).Reveal(), 1)
		m := write(t, p, l)
		if !slices.Contains(linksOfText(m.Text), link) || !slices.Contains(linksOfHTML(m.HTML), link) {
			t.Errorf("%q: not in both parts", url)
		}
	}
}

func TestTheOperatorsTemplates(t *testing.T) {
	const text = "{{define \"subject\"}}Neues Passwort für {{.Site}}{{end}}Hallo <{{.To}}>!\n\nHier entlang: {{.Link}}\nbis {{when .Expires}}\n"
	dir := templatesIn(t, map[string]string{"reset-issued.txt": text, "notes.md": "not a template"})
	cfg := withLetters(Config{})
	cfg.Templates, cfg.Subject = dir, "From the configuration"
	p, err := NewPress(cfg, key, model.SchemeSecret)
	if err != nil {
		t.Fatal(err)
	}
	l := letterTo("someone@example.org")
	m := write(t, p, l)
	if m.Subject != "Neues Passwort für Example" {
		t.Errorf("subject %q", m.Subject)
	}
	if !strings.Contains(m.HTML, "Hallo &lt;someone@example.org&gt;!") || !strings.Contains(m.HTML, `Hier entlang: <a href="`+linkOf(l)+`">`) {
		t.Errorf("the HTML does not say what the text says:\n%s", m.HTML)
	}
	l.Kind = model.LetterCompleted
	if m := write(t, p, l); m.Subject != "Your password for Example was changed" {
		t.Errorf("the kind without a template of its own: %q", m.Subject)
	}

	both := templatesIn(t, map[string]string{"reset-issued.txt": "Open {{.Link}} now.\n", "reset-issued.html": "<h1>{{.Subject}}</h1><p>{{.To}}</p><a href='{{.Link}}'>Open</a> <a href=https://app.example.org/help>Help</a>"})
	cfg.Templates = both
	if p, err = NewPress(cfg, key, model.SchemeSecret); err != nil {
		t.Fatal(err)
	}
	m = write(t, p, letterTo("o'hara+tag@example.org"))
	if m.Subject != "From the configuration" || !strings.Contains(m.HTML, "<h1>From the configuration</h1><p>o&#39;hara&#43;tag@example.org</p>") {
		t.Errorf("%q\n%s", m.Subject, m.HTML)
	}
}

func TestTemplatesThatWouldMisleadAreRefused(t *testing.T) {
	const subject = `{{define "subject"}}s{{end}}`
	good := subject + "{{.Link}}\n"
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"no link":                  {map[string]string{"reset-issued.txt": subject + "Hello\n"}, "lacks the link"},
		"no link in HTML":          {map[string]string{"reset-issued.txt": good, "reset-issued.html": "<p>Hello</p>"}, "lacks the link"},
		"link as text only":        {map[string]string{"reset-issued.txt": good, "reset-issued.html": "<p>{{.Link}}</p>"}, "lacks the link"},
		"link of a tracker":        {map[string]string{"reset-issued.txt": good, "reset-issued.html": `<a href="https://t.example.net/?u={{.Link}}">x</a>`}, "not the configured one"},
		"link changed":             {map[string]string{"reset-issued.txt": subject + "{{.Link}}.\n"}, "not the configured one"},
		"second, changed link":     {map[string]string{"reset-issued.txt": good + "or {{.Link}}?utm=1\n"}, "not the configured one"},
		"a pasted link":            {map[string]string{"reset-issued.txt": good + "https://app.example.org/reset/00112233445566778899aabbccddeeff\n"}, "not the configured one"},
		"an image with the secret": {map[string]string{"reset-issued.txt": good, "reset-issued.html": `<a href="{{.Link}}">x</a><img src="https://t.example.net/{{.Link}}">`}, "not the configured one"},
		"the secret in a script":   {map[string]string{"reset-issued.txt": good, "reset-issued.html": `<a href="{{.Link}}">x</a><script>f({{.Link}})</script>`}, "holds"},
		"no subject":               {map[string]string{"reset-issued.txt": "{{.Link}}\n"}, "no subject"},
		"subject of two lines":     {map[string]string{"reset-issued.txt": "{{define \"subject\"}}a\nBcc: b@example.org{{end}}{{.Link}}\n"}, "line break"},
		"the link in the subject":  {map[string]string{"reset-issued.txt": "{{define \"subject\"}}{{.Link}}{{end}}{{.Link}}\n"}, "outside of the link"},
		"unknown word":             {map[string]string{"reset-issued.txt": good + "{{.Password}}"}, "cannot be filled"},
		"no template":              {map[string]string{"reset-issued.txt": good + "{{if}}"}, "cannot be read"},
		"HTML alone":               {map[string]string{"reset-issued.html": `<a href="{{.Link}}">x</a>`}, "has no reset-issued.txt"},
		"a slip of the pen":        {map[string]string{"reset-isued.txt": good}, "the template of no email"},
	} {
		_, err := pressOf(templatesIn(t, c.files))
		if !model.IsKind(err, model.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
		if err != nil && strings.Contains(err.Error(), "sample") {
			t.Errorf("%s: repeats the link: %v", name, err)
		}
	}
	if _, err := pressOf(filepath.Join(t.TempDir(), "absent")); !model.IsKind(err, model.Unavailable) {
		t.Errorf("no directory: %v", err)
	}
	cfg := withLetters(Config{})
	for field, change := range map[string]func(*Config){
		"mail.from":      func(c *Config) { c.From = "nobody" },
		"mail.reply_to":  func(c *Config) { c.ReplyTo = "a@example.org\r\nBcc: b@example.org" },
		"mail.subject":   func(c *Config) { c.Subject = "a\r\nBcc: b@example.org" },
		"mail.reset_url": func(c *Config) { c.ResetURL = "" },
	} {
		bad := cfg
		change(&bad)
		_, err := NewPress(bad, key, model.SchemeSecret)
		var e *model.Error
		if !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestHostileLettersBecomeOrdinaryOnes sends what an outbox should never hold,
// through SMTP, and reads it back as a mail program does.
func TestHostileLettersBecomeOrdinaryOnes(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	s := newSender(t, c.Config())
	cfg := withLetters(Config{})
	cfg.From, cfg.Subject = `"Ünïcode, Inc. <x@evil.example>" <no-reply@example.org>`, "Пароль =?utf-8?q?=0D=0ABcc:_b=40example.org?="
	p, err := NewPress(cfg, key, model.SchemeSecret)
	if err != nil {
		t.Fatal(err)
	}
	ours := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To"}
	for _, to := range []string{"plain@example.org", "o'hara+tag@example.org", "a{b}|c=d@example.org", "-oQ/tmp@example.org", "=?utf-8?q?x?=@example.org"} {
		l := letterTo(to)
		if _, err := s.Send(context.Background(), write(t, p, l)); err != nil {
			t.Errorf("%q: %v", to, err)
			continue
		}
		got := c.Find(l.MessageID)
		if len(got) != 1 || got[0].To != to {
			t.Errorf("%q: went to %+v", to, got)
			continue
		}
		m, err := mail.ReadMessage(bytes.NewReader(got[0].Raw))
		if err != nil {
			t.Fatal(err)
		}
		if names := slices.Sorted(maps.Keys(m.Header)); !slices.Equal(names, ours) {
			t.Errorf("%q: headers %q", to, names)
		}
		for name, values := range m.Header {
			if len(values) != 1 {
				t.Errorf("%q: %d times %s", to, len(values), name)
			}
		}
		if a, err := m.Header.AddressList("To"); err != nil || len(a) != 1 || a[0].Address != to {
			t.Errorf("%q: to %v, %v", to, a, err)
		}
		if a, err := m.Header.AddressList("From"); err != nil || len(a) != 1 || a[0].Address != "no-reply@example.org" {
			t.Errorf("%q: from %v, %v", to, a, err)
		}
	}
	for _, to := range []string{"a@example.org\r\nBcc: b@example.org", "a@example.org> SIZE=1\r\nRCPT TO:<b@example.org", `"a b"@example.org`, "a@example.org, b@example.org", "A <a@example.org>", ""} {
		l := letterTo(to)
		if _, err := p.Write(l); !model.IsKind(err, model.Invalid) {
			t.Errorf("%q: %v", to, err)
		}
	}
	l := letterTo("a@example.org")
	for _, id := range []string{"", "a b", "x>\r\nBcc: b@example.org", "ä"} {
		l.MessageID = id
		if _, err := p.Write(l); !model.IsKind(err, model.Invalid) {
			t.Errorf("message id %q: %v", id, err)
		}
	}
	l = letterTo("a@example.org")
	l.Kind = "invoice"
	if _, err := p.Write(l); !model.IsKind(err, model.Invalid) {
		t.Errorf("an unknown kind: %v", err)
	}
}

// FuzzRecipient looks for an address that gets past the press and changes the
// letter's headers or its reader.
func FuzzRecipient(f *testing.F) {
	p, s := newPress(f), newSender(f, Config{Host: "127.0.0.1", Security: Plain})
	for _, to := range []string{"a@example.org", "a@[192.0.2.1]", "a\u2028@example.org", "a@bücher.example", "\"a\"@b.example", "a@b\r\nBcc: c@d", "=?utf-8?q?a?=@b.example", "a@example.org\x00"} {
		f.Add(to)
	}
	f.Fuzz(func(t *testing.T, to string) {
		l := letterTo(to)
		m, err := p.Write(l)
		if err != nil {
			return
		}
		raw, err := s.compose(m)
		if err != nil {
			return
		}
		r, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%q: %v", to, err)
		}
		a, err := r.Header.AddressList("To")
		if err != nil || len(a) != 1 || a[0].Address != strings.TrimSpace(to) || len(r.Header) != 9 {
			t.Errorf("%q: to %v (%v), headers %v", to, a, err, slices.Sorted(maps.Keys(r.Header)))
		}
		if !slices.Contains(linksOfText(m.Text), linkOf(l)) || !slices.Contains(linksOfHTML(m.HTML), linkOf(l)) {
			t.Errorf("%q: without its link", to)
		}
	})
}

func TestTheHTMLPartReadsBackAsWritten(t *testing.T) {
	c := newCapture(t, CaptureOptions{})
	s := newSender(t, c.Config())
	l := letterTo("someone@example.org")
	m := write(t, newPress(t), l)
	m.Text = "a line that begins with a dot:\n.\n..\n" + strings.Repeat("ü", 500) + "\n" + m.Text
	if _, err := s.Send(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	got := c.Messages()[0]
	text, err := got.Text()
	if err != nil || text != m.Text {
		t.Errorf("text changed: %v\n%q\n%q", err, text, m.Text)
	}
	html, err := got.Part("text/html")
	if err != nil || html != m.HTML {
		t.Errorf("HTML changed: %v", err)
	}
	r, err := mail.ReadMessage(bytes.NewReader(got.Raw))
	if err != nil {
		t.Fatal(err)
	}
	if d, err := r.Header.Date(); err != nil || !d.Equal(noon) {
		t.Errorf("date %v, %v", d, err)
	}
	if _, err := io.ReadAll(r.Body); err != nil {
		t.Error(err)
	}
	if _, err := got.Part("text/calendar"); err == nil {
		t.Error("a part that is not there")
	}
	if time.Since(got.At) < 0 {
		t.Error("taken in the future")
	}
}
