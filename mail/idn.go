package mail

import (
	"strings"

	"golang.org/x/net/idna"

	"doorman/model"
)

// ownRefusal is why no relay is asked to take an email.
type ownRefusal string

func (r ownRefusal) Error() string { return string(r) }

// wireAddress is an address as it is sent: with the domain as xn-- labels, which
// every relay takes (RFC 5891). Only what is before the @ may stay outside
// ASCII; that needs SMTPUTF8 (RFC 6531).
func wireAddress(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || isASCII(address[at:]) {
		return address, nil
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil || domain == "" {
		return "", ownRefusal("the domain " + model.Quote(address[at+1:]) + " cannot exist: it has no xn-- form")
	}
	return address[:at+1] + domain, nil
}

// wire returns the email with its addresses as they are sent.
func (m Mail) wire() (Mail, error) {
	for field, address := range map[string]*string{"mail.from": &m.From.Address, "mail.reply_to": &m.ReplyTo.Address, "to": &m.To} {
		ascii, err := wireAddress(*address)
		if err != nil && field != "to" {
			return Mail{}, &model.Error{Kind: model.Invalid, Field: field, Text: err.Error()}
		}
		if err != nil {
			return Mail{}, failed(StepTo, err)
		}
		*address = ascii
	}
	return m, nil
}

// needsUTF8 says why a relay without SMTPUTF8 cannot take an address.
func needsUTF8(what, address string) error {
	return ownRefusal("the relay takes no " + what + " with characters outside ASCII before the @, as in " + address + ": it lacks SMTPUTF8")
}
