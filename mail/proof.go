package mail

import (
	"html"
	"regexp"
	"strings"
	"time"

	"doorman/model"
)

// try fills a form with a made-up letter, twice with different tokens, and
// refuses it unless both parts of each lead exactly where the configuration
// says.
func (p *Press) try(kind model.LetterKind, f form) error {
	at := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	for _, token := range []string{strings.Repeat("0a", 16) + ".First-sample_1", strings.Repeat("f9", 16) + ".Second-sample_2"} {
		l := model.Letter{Kind: kind, To: "someone@example.org", Created: at, Expires: at.Add(time.Hour)}
		if kind != model.LetterIssued {
			token = ""
		}
		m, err := p.render(l, token)
		if err != nil {
			return err
		}
		if tag := regexp.MustCompile(`(?i)<\s*(script|form|iframe|object|embed|base)\b`).FindString(m.HTML); tag != "" {
			return badTemplate(f.name, "its HTML holds "+model.Quote(tag), "mail programs drop that, or call the email spam: text and links are enough")
		}
		link := strings.Replace(p.base, tokenMark, token, 1)
		for part, links := range map[string][]string{"text": linksOfText(m.Text), "HTML": linksOfHTML(m.HTML)} {
			if err := p.checkLinks(f.name, part, link, token, links); err != nil {
				return err
			}
		}
		if token != "" && (strings.Count(m.Text+m.HTML+m.Subject, token) != strings.Count(m.Text, link)+strings.Count(html.UnescapeString(m.HTML), link)) {
			return badTemplate(f.name, "shows the secret outside of the link", "use {{.Link}} as it is")
		}
	}
	return nil
}

// idLength is the length of the shortest token: a link to the place of resets
// with as much behind it is one that someone pasted.
const idLength = 32

// checkLinks compares the links of one part with the only one that may lead to
// the place where passwords are reset.
func (p *Press) checkLinks(name, part, link, token string, links []string) error {
	base, _, _ := strings.Cut(p.base, tokenMark)
	found := false
	for _, l := range links {
		switch {
		case token != "" && l == link:
			found = true
		case token != "" && strings.Contains(l, token), strings.HasPrefix(l, base) && len(l)-len(base) >= idLength,
			strings.Contains(l, tokenMark):
			return badTemplate(name, "its "+part+" has a link that is not the configured one", "use {{.Link}} alone, with a space or the end of the line after it")
		}
	}
	if token != "" && !found {
		return badTemplate(name, "its "+part+" lacks the link", "write {{.Link}} where it belongs, in HTML as <a href=\"{{.Link}}\">")
	}
	return nil
}

// linksOfText finds what mail programs take for links in plain text: from the
// scheme to the next space or bracket, with whatever stands right behind it.
func linksOfText(s string) []string {
	return regexp.MustCompile(`(?i)https?://[^\s<>"]+`).FindAllString(s, -1)
}

// linksOfHTML finds where clicks and forms of an HTML part lead.
func linksOfHTML(s string) []string {
	attr := regexp.MustCompile(`(?i)\b(?:href|src|action|formaction|background)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))`)
	var links []string
	for _, m := range attr.FindAllStringSubmatch(s, -1) {
		links = append(links, html.UnescapeString(strings.TrimSpace(m[1]+m[2]+m[3])))
	}
	return links
}
