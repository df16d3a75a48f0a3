package mail

import (
	"embed"
	"errors"
	"fmt"
	"html"
	htmltemplate "html/template"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode"

	"doorman/model"
)

//go:embed templates/*.txt templates/*.html
var builtIn embed.FS

// form is the template of one kind of letter.
type form struct {
	name string // of the text template, for errors
	text *texttemplate.Template
	html *htmltemplate.Template // nil: made from the text
	own  bool                   // the operator's: its subject wins over the configuration
}

const subjectName = "subject"

func letterKinds() []model.LetterKind {
	return []model.LetterKind{model.LetterIssued, model.LetterCompleted}
}

// loadForms reads the templates of every kind: the operator's where dir has
// one, the built-in ones elsewhere. A file that looks like a template but has
// an unknown name is refused, since a slip of the pen would else go unnoticed.
func loadForms(dir string) (map[model.LetterKind]form, error) {
	own, err := ownTemplates(dir)
	if err != nil {
		return nil, err
	}
	standard, err := fs.Sub(builtIn, "templates")
	if err != nil {
		return nil, err
	}
	forms := map[model.LetterKind]form{}
	for _, kind := range letterKinds() {
		source, isOwn := standard, false
		text, markup := string(kind)+".txt", string(kind)+".html"
		if own[text] || own[markup] {
			source, isOwn = os.DirFS(dir), true
		}
		if isOwn && !own[text] {
			return nil, badTemplate(markup, "has no "+text+" beside it", "write the text: the HTML can be made from it")
		}
		if isOwn && !own[markup] {
			markup = ""
		}
		f, err := parseForm(source, text, markup)
		if err != nil {
			return nil, err
		}
		f.own = isOwn
		forms[kind] = f
	}
	return forms, nil
}

// ownTemplates lists the operator's templates by file name.
func ownTemplates(dir string) (map[string]bool, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &model.Error{Kind: model.Unavailable, Field: "mail.templates", Text: "cannot read the directory " + model.Quote(dir), Err: err}
	}
	known := map[string]bool{}
	for _, kind := range letterKinds() {
		known[string(kind)+".txt"], known[string(kind)+".html"] = true, true
	}
	own := map[string]bool{}
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if ext != ".txt" && ext != ".html" {
			continue
		}
		if !known[e.Name()] {
			return nil, badTemplate(e.Name(), "is the template of no email", "the names are reset-issued and reset-completed, .txt or .html")
		}
		own[e.Name()] = true
	}
	return own, nil
}

func badTemplate(name, text, hint string) error {
	return &model.Error{Kind: model.Invalid, Field: "template " + model.Quote(name), Text: text, Hint: hint}
}

const maxTemplate = 256 << 10

func readTemplate(source fs.FS, name string) ([]byte, error) {
	f, err := source.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return model.ReadBounded(f, maxTemplate)
}

func parseForm(source fs.FS, text, markup string) (form, error) {
	f := form{name: text}
	read := func(name string) (string, error) {
		b, err := readTemplate(source, name)
		switch {
		case model.IsKind(err, model.Invalid):
			return "", badTemplate(name, err.Error(), "")
		case err != nil:
			return "", &model.Error{Kind: model.Unavailable, Field: "template " + model.Quote(name), Text: "cannot be read", Err: err}
		}
		return strings.ReplaceAll(string(b), "\r\n", "\n"), nil
	}
	src, err := read(text)
	if err != nil {
		return f, err
	}
	if f.text, err = texttemplate.New(text).Funcs(texttemplate.FuncMap{"when": when}).Parse(src); err != nil {
		return f, badTemplate(text, "cannot be read: "+err.Error(), "")
	}
	if markup == "" {
		return f, nil
	}
	if src, err = read(markup); err != nil {
		return f, err
	}
	if f.html, err = htmltemplate.New(markup).Funcs(htmltemplate.FuncMap{"when": when}).Parse(src); err != nil {
		return f, badTemplate(markup, "cannot be read: "+err.Error(), "")
	}
	return f, nil
}

// when writes a moment so that no one needs to know the reader's time zone.
func when(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// fill makes subject and both parts from one content. The given subject wins
// over the built-in template's, not over the operator's.
func (f form) fill(c content, subject string) (Mail, error) {
	if s := f.text.Lookup(subjectName); s != nil && (subject == "" || f.own) {
		var b strings.Builder
		if err := s.Execute(&b, c); err != nil {
			return Mail{}, f.failed(err)
		}
		subject = strings.TrimSpace(b.String())
	}
	if err := checkSubject(subject); err != nil {
		return Mail{}, badTemplate(f.name, err.Error(), `write {{define "subject"}}Reset your password{{end}} or set mail.subject`)
	}
	c.Subject = subject
	var text, markup strings.Builder
	if err := f.text.Execute(&text, c); err != nil {
		return Mail{}, f.failed(err)
	}
	m := Mail{Subject: subject, Text: strings.TrimLeft(text.String(), "\n")}
	if f.html == nil {
		m.HTML = htmlFromText(subject, m.Text, c.Link)
		return m, nil
	}
	if err := f.html.Execute(&markup, c); err != nil {
		return Mail{}, f.failed(err)
	}
	m.HTML = markup.String()
	return m, nil
}

// failed hides what went wrong inside a template from the person, since the
// text of the cause may hold what was being written.
func (f form) failed(err error) error {
	return &model.Error{Kind: model.Invalid, Field: "template " + model.Quote(f.name), Text: "cannot be filled", Err: err,
		Hint: "a template can use .Site .To .Link .Subject .Created .Expires and the function when"}
}

const maxSubject = 200

func checkSubject(s string) error {
	switch {
	case s == "":
		return errors.New("has no subject")
	case len(s) > maxSubject:
		return fmt.Errorf("has a subject of more than %d bytes", maxSubject)
	case strings.ContainsFunc(s, unicode.IsControl):
		return errors.New("has a subject with a line break or control character")
	}
	return nil
}

// htmlFromText makes the HTML part of an operator who wrote only the text: the
// same words, paragraphs at blank lines, the link as a link.
func htmlFromText(subject, text, link string) string {
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html><head><meta charset=\"utf-8\"><title>" + html.EscapeString(subject) + "</title></head>\n<body>\n")
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		p := html.EscapeString(strings.TrimSpace(paragraph))
		if link != "" {
			l := html.EscapeString(link)
			p = strings.ReplaceAll(p, l, `<a href="`+l+`">`+l+`</a>`)
		}
		b.WriteString("<p>" + strings.ReplaceAll(p, "\n", "<br>\n") + "</p>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
