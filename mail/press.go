package mail

import (
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"doorman/model"
)

// ErrWrongKey is wrapped by the error of Write when the link key is not the one
// that the reset was issued with: every link made with it would be dead.
var ErrWrongKey = errors.New("wrong link key")

// Press makes letters from templates. It is the only place where a link is put
// together. Safe for concurrent use.
type Press struct {
	from    mail.Address
	replyTo mail.Address
	site    string
	base    string // Config.ResetURL
	subject string
	key     model.Key
	scheme  model.Scheme
	forms   map[model.LetterKind]form
}

// Format names the sender alone: fmt would print what the fields hold, the link
// key among it.
func (p *Press) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "emails from "+p.from.String())
}

// content is what a template can speak of.
type content struct {
	Site    string    // the service: the name before the From address, or the host of the link
	To      string    // the address on record
	Link    string    // "" in reset-completed
	Subject string    // "" while the subject itself is made
	Created time.Time // of the letter
	Expires time.Time // of the reset
}

// NewPress checks the letters' part of the configuration, loads the templates
// and tries them. Without a key it makes previews only, unless the scheme is
// model.SchemeID, which needs none.
func NewPress(cfg Config, key model.Key, scheme model.Scheme) (*Press, error) {
	from, err := parseMailbox("from", cfg.From)
	if err != nil {
		return nil, err
	}
	p := &Press{from: from, base: cfg.ResetURL, subject: cfg.Subject, key: key, scheme: scheme}
	if cfg.ReplyTo != "" {
		if p.replyTo, err = parseMailbox("reply_to", cfg.ReplyTo); err != nil {
			return nil, err
		}
	}
	u, err := checkResetURL(cfg.ResetURL)
	if err != nil {
		return nil, err
	}
	p.site = from.Name
	if p.site == "" {
		p.site = u.Hostname()
	}
	if cfg.Subject != "" && checkSubject(cfg.Subject) != nil {
		return nil, invalid("subject", model.Quote(cfg.Subject)+" is not a subject line", "write one short line")
	}
	if p.forms, err = loadForms(cfg.Templates); err != nil {
		return nil, err
	}
	for kind, f := range p.forms {
		if err := p.try(kind, f); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Write makes the letter as it goes out. It refuses a letter whose link could
// not be redeemed, with an error that wraps ErrWrongKey, and never repeats the
// link in an error.
func (p *Press) Write(l model.Letter) (Mail, error) {
	var err error
	if l.To, err = model.ParseEmail(l.To); err != nil {
		return Mail{}, err
	}
	if l.MessageID == "" || strings.ContainsFunc(l.MessageID, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) {
		return Mail{}, &model.Error{Kind: model.Invalid, Field: "message id", Text: model.Quote(l.MessageID) + " cannot name an email"}
	}
	token := ""
	if l.Kind == model.LetterIssued {
		t, err := p.token(l)
		if err != nil {
			return Mail{}, err
		}
		token = t.Reveal()
	}
	m, err := p.render(l, token)
	if err != nil {
		return Mail{}, err
	}
	m.MessageID = l.MessageID
	if _, secret, ok := strings.Cut(token, "."); ok {
		m.secrets = []string{token, secret}
	} else {
		m.secrets = []string{token}
	}
	return m, nil
}

// token derives the token of the letter's reset and sees that it will open it.
func (p *Press) token(l model.Letter) (model.Token, error) {
	if l.ResetID.IsZero() {
		return model.Token{}, &model.Error{Kind: model.Invalid, Text: "the email names no reset"}
	}
	t := model.NewToken(p.key, l.ResetID, p.scheme)
	if p.scheme != model.SchemeID && len(p.key) == 0 || !t.Matches(l.SecretHash, p.scheme) {
		return model.Token{}, &model.Error{Kind: model.Refused, Err: ErrWrongKey,
			Text: "the link key is not the one this reset was issued with: the link would not work",
			Hint: "give the key that this database was used with, or revoke the reset and issue a new one"}
	}
	return t, nil
}

// previewToken stands for the token while a preview is made. Its characters
// pass through every template unchanged.
const previewToken = "preview-placeholder-of-the-secret"

// Preview makes the letter with a placeholder where the token will stand. It
// needs no key.
func (p *Press) Preview(l model.Letter) (model.Preview, error) {
	var err error
	if l.To, err = model.ParseEmail(l.To); err != nil {
		return model.Preview{}, err
	}
	token := ""
	if l.Kind == model.LetterIssued {
		token = previewToken
	}
	m, err := p.render(l, token)
	if err != nil {
		return model.Preview{}, err
	}
	shown := func(s string) string { return strings.ReplaceAll(s, previewToken, placeholder) }
	return model.Preview{From: m.From.String(), To: m.To, Subject: shown(m.Subject), Text: shown(m.Text), HTML: shown(m.HTML)}, nil
}

// render fills the letter's form. An empty token means a letter without a link.
func (p *Press) render(l model.Letter, token string) (Mail, error) {
	f, ok := p.forms[l.Kind]
	if !ok {
		return Mail{}, &model.Error{Kind: model.Invalid, Field: "kind", Text: "there is no email " + model.Quote(string(l.Kind))}
	}
	c := content{Site: p.site, To: l.To, Created: l.Created, Expires: l.Expires}
	if token != "" {
		c.Link = strings.Replace(p.base, tokenMark, token, 1)
	}
	subject := ""
	if l.Kind == model.LetterIssued {
		subject = p.subject
	}
	m, err := f.fill(c, subject)
	if err != nil {
		return Mail{}, err
	}
	m.From, m.ReplyTo, m.To, m.Date = p.from, p.replyTo, l.To, l.Created
	return m, nil
}
