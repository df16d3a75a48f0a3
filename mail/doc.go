// Package mail writes the letters of the outbox, hands them to a mail relay and
// keeps doing so until the outbox is empty: the press makes a letter from its
// template and derives the link, the sender talks SMTP over one connection, the
// courier decides what is sent when and what becomes of a failure. The capture
// server takes letters in the same process, for the demo and the tests.
package mail
