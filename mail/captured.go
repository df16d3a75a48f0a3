package mail

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"doorman/model"
)

// Captured is one letter as the server took it.
type Captured struct {
	MessageID string // without angle brackets; from the letter: hostile
	From      string // of the envelope
	To        string // of the envelope
	Raw       []byte // the whole letter with its link; not to be changed
	At        time.Time
}

// String names the letter without its content.
func (m Captured) String() string { return "captured <" + m.MessageID + ">" }

// Format keeps every verb from printing the link.
func (m Captured) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// MarshalText keeps the link out of JSON and logs.
func (m Captured) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Token finds the link in the text part, for who plays the person that opens
// it. It is false when there is none below Config.ResetURL.
func (m Captured) Token(resetURL string) (model.Token, bool) {
	text, err := m.Text()
	if err != nil {
		return model.Token{}, false
	}
	before, after, _ := strings.Cut(resetURL, tokenMark)
	for _, link := range linksOfText(text) {
		if rest, ok := strings.CutPrefix(link, before); ok {
			t, err := model.ParseToken(strings.TrimSuffix(rest, after))
			return t, err == nil
		}
	}
	return model.Token{}, false
}

// Part returns the text of one part of the letter, decoded: "text/plain" or
// "text/html".
func (m Captured) Part(mediaType string) (string, error) {
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return "", err
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	if kind == mediaType {
		return decoded(msg.Body, msg.Header.Get("Content-Transfer-Encoding"))
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return "", errors.New("the email has no part " + mediaType)
		}
		if err != nil {
			return "", err
		}
		if kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind == mediaType {
			return decoded(p, p.Header.Get("Content-Transfer-Encoding"))
		}
	}
}

// Text returns the plain part of the letter, decoded.
func (m Captured) Text() (string, error) { return m.Part("text/plain") }

func decoded(r io.Reader, encoding string) (string, error) {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, err := io.ReadAll(r)
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}

// Raw returns the newest letter with the Message-ID, as it went over the wire.
func (c *Capture) Raw(messageID string) ([]byte, bool) {
	found := c.Find(messageID)
	if len(found) == 0 {
		return nil, false
	}
	return found[len(found)-1].Raw, true
}
