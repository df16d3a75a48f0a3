// Package detect finds attacks in password-reset traffic: networks, accounts,
// agents and stretches of the address list that behave unlike people, each with
// its evidence. It is pure and deterministic, takes events one by one, and works
// in memory that the events of some two weeks bound.
//
// What each part rests on:
//
// Unfinished accounts (count.go). Most people who request a reset finish it;
// attackers cannot, since they do not read the mail. The unit is an account that
// has not finished, once in six hours, so that impatience is no evidence. A
// request counts when nine of ten people would have finished (delays.go learns
// when that is), and a completion undoes it.
//
// What is expected there and then (weigh.go). The service's own number of
// unfinished accounts × the key's usual share of those who finish, plus a prior
// for a new network of its size: one of as many as there are. Mass mailings and
// outages raise the first factor, offices and carriers the second. Those who
// finish in the same window vouch for others; a few vouch one for one, since
// places differ, many only at the service's odds. The score is Kulldorff's
// Poisson log-likelihood ratio plus the binomial one of unfinished among all.
//
// Every width at once (trie.go). A path-compressed tree keeps counts where
// networks fork, so every node is the narrowest network around its traffic.
// Counts decay over three hours, a day and a week (tally.go, forward decay after
// Cormode et al., 2009): nothing has to be touched to grow old, and a count can be
// undone exactly. The week is for small, quiet networks alone.
//
// One explanation for each event (raise.go, claim.go). The most suspicious key
// takes its events out of all other counts before the next is judged; networks
// explain before places in the list, agents last. A cluster shrinks to the
// network that explains it by description length (narrow.go), grows over the next
// part of a network that someone walks through (widen.go), and lives until its
// traffic no longer outruns what is usual (Page's CUSUM).
//
// Other hierarchies. Accounts by the networks that request them (mail bombs);
// agents (botnets); places in the ordered address list (walks); networks of use
// far from the request, against those who are at home there (takeovers); and the
// plain rate of requests that lead nowhere, since completions can be faked.
//
// Doubts (gather.go, weather.go). One company's domain whose people ask again and
// again is late mail; a network of use that serves one or two companies is their
// mail gateway; when few of the last hour's neighbourhoods finish, mail is late for
// everybody and each unfinished account says less. Doubts take their accounts out
// of the score. A cluster that all its traffic together no longer bears out is
// withdrawn.
//
// What it cannot see: a botnet of unrelated homes with honest agents and no order
// in its targets, and an attacker who finishes as often as people do.
package detect
