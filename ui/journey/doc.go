// Package journey holds the tests that take the whole program: the shape of its
// source, the real binary on a terminal, and what an operator does from start to
// end.
package journey
