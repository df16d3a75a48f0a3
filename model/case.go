package model

import "time"

// CaseState is an operator's verdict on a cluster. The same words stand on
// screens, in filters and in JSON.
type CaseState string

// The states of a case.
const (
	CaseNew          CaseState = "new"          // no verdict yet; a case in this state holds a note, or was released
	CaseAcknowledged CaseState = "acknowledged" // an operator is on it
	CaseContained    CaseState = "contained"
	CaseFalse        CaseState = "false_positive" // the engine raises neither it nor what lies inside it
	CaseClosed       CaseState = "closed"
)

// CaseStates lists every state in the order in which they are shown.
func CaseStates() []CaseState {
	return []CaseState{CaseNew, CaseAcknowledged, CaseContained, CaseFalse, CaseClosed}
}

// ParseCaseState reads a state by its name; "false" and "false-positive" stand
// for false_positive.
func ParseCaseState(s string) (CaseState, error) {
	if s == "false" || s == "false-positive" {
		return CaseFalse, nil
	}
	for _, st := range CaseStates() {
		if string(st) == s {
			return st, nil
		}
	}
	return "", &Error{Kind: Invalid, Field: "state", Text: "there is no state " + Quote(s),
		Hint: "use new, acknowledged, contained, false_positive or closed"}
}

// Case is what operators did about a cluster. One key has one case at most; the
// zero Case is that of a cluster without one.
type Case struct {
	Key     string // of the cluster; hostile where it names an agent
	State   CaseState
	StateBy string    // who set the state: of an acknowledged case its owner
	StateAt time.Time // since when
	Note    string    // the last one; hostile
	By      string    // who changed anything last
	At      time.Time
	Opened  time.Time
	Batch   string // that contained it, or ""
	Subject string // the network, account or agent in words; hostile
}

// Verdict is the state of the case, new where there is none.
func (c *Case) Verdict() CaseState {
	if c.State == "" {
		return CaseNew
	}
	return c.State
}

// IsHandled reports whether operators are done with the cluster.
func (s CaseState) IsHandled() bool { return s == CaseContained || s == CaseFalse || s == CaseClosed }

// CaseFilter selects cases, the last changed first. The zero value means all.
type CaseFilter struct {
	States []CaseState // any of these; none means any
	Paging
}
