// Package model holds the nouns of Doorman, their states and the rules that
// decide between them. It imports nothing of ours, does no I/O and reads no
// clock: anyone who needs the time passes it in.
package model
