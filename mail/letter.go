package mail

import (
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"
)

// Mail is one finished letter with its link. Text and HTML hold the secret;
// printing a Mail shows neither.
type Mail struct {
	From      mail.Address
	ReplyTo   mail.Address // zero: none
	To        string
	Subject   string
	Text      string
	HTML      string
	MessageID string // without angle brackets
	Date      time.Time

	secrets []string // what must not come back in an answer of the relay
}

// String names the letter without its content.
func (m Mail) String() string { return "mail <" + m.MessageID + ">" }

// Format keeps every verb from printing the link.
func (m Mail) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// MarshalText keeps the link out of JSON and logs.
func (m Mail) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// placeholder stands where a secret was.
const placeholder = "‹secret›"

// hide replaces the secrets in what a relay said, in any case: filters like to
// repeat the link that they refuse.
func hide(s string, secrets ...string) string {
	for _, secret := range secrets {
		n := len(secret)
		for i := 0; n > 0 && i+n <= len(s); i++ {
			if strings.EqualFold(s[i:i+n], secret) {
				s = s[:i] + placeholder + s[i+n:]
				i += len(placeholder) - 1
			}
		}
	}
	return s
}
