package mail

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"doorman/model"
	"doorman/model/config"
)

// CheckSetting says what is wrong with one of the settings that were given so
// far, for someone who types them one after the other. It requests more than
// FromConfig does: a name without a dot is nearly always a slip.
func CheckSetting(m config.Mail, name string) error {
	switch name {
	case "host":
		if err := checkHost(m.Host); err != nil {
			return err
		}
	case "from":
		from, err := parseMailbox("from", m.From)
		if err != nil {
			return err
		}
		if _, domain, _ := strings.Cut(from.Address, "@"); !isFullName(domain) {
			return invalid("from", model.Quote(from.Address)+" has no full domain after the @", "write it as Example <no-reply@example.org>")
		}
	case "reset_url":
		u, err := checkResetURL(m.ResetURL)
		if err != nil {
			return err
		}
		if !isFullName(u.Hostname()) {
			return invalid("reset_url", model.Quote(u.Hostname())+" is no public name: people could not open the link", "write it as https://app.example.org/reset/{token}")
		}
	}
	c := FromConfig(m)
	c.Host, c.Password = cmp.Or(c.Host, "localhost"), "known"
	_, err := c.withDefaults()
	var e *model.Error
	if errors.As(err, &e) && e.Field == "mail."+name {
		return err
	}
	return nil
}

// checkHost looks at the name of a relay as it was typed.
func checkHost(host string) error {
	const hint = "write it as smtp.example.org; an IP address or localhost will do"
	if u, err := url.Parse(host); err == nil && u.Host != "" {
		return invalid("host", model.Quote(host)+" is a web address, not the name of a mail relay", hint)
	}
	if name, _, err := net.SplitHostPort(host); err == nil && name != "" {
		return invalid("host", "the port comes after this: the name alone is "+model.Quote(name), hint)
	}
	if strings.Contains(host, "@") {
		return invalid("host", model.Quote(host)+" is an email address, not the name of a mail relay", hint)
	}
	if !isFullName(host) {
		return invalid("host", model.Quote(host)+" is not the full name of a mail relay", hint)
	}
	return nil
}

// isFullName reports that a name is an IP address, localhost, or a host with its
// domain.
func isFullName(name string) bool {
	if _, err := netip.ParseAddr(name); err == nil || strings.EqualFold(name, "localhost") {
		return true
	}
	ascii, err := wireAddress("@" + strings.TrimSuffix(name, "."))
	labels := strings.Split(strings.TrimPrefix(ascii, "@"), ".")
	if err != nil || len(ascii) > 254 || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.ContainsFunc(l, func(r rune) bool {
			return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			return false
		}
	}
	return strings.ContainsFunc(labels[len(labels)-1], func(r rune) bool { return r > '9' })
}
