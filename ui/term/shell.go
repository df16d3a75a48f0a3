package term

import "strings"

// ShellQuote quotes a word for a POSIX shell: a pasted search must not run.
func ShellQuote(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@.+_-/:,%"
	if word != "" && strings.Trim(word, plain) == "" && word[0] != '-' {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
