package store

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"doorman/model"
	"doorman/model/detect"
)

// settingLine is the setting that holds the score from which a cluster is raised;
// nothing, or what is no number above zero, means the engine's own.
const settingLine = "detect.line"

// detectConfig is the engine's configuration as settings, rules and cases have it, and
// when the first exception in it expires.
func (s *Store) detectConfig(tx *gorm.DB, now time.Time) (detect.Config, time.Time, error) {
	cfg := detect.Config{Lifetime: s.lifetime, Horizon: feedReach, Tick: feedTick}
	line, err := readSetting(tx, settingLine)
	if err != nil {
		return cfg, time.Time{}, err
	}
	if n, err := strconv.ParseFloat(line, 64); err == nil && n > 0 {
		cfg.Line = n
	}
	var rules []ruleRow
	err = tx.Raw("SELECT u.* FROM doorman_rule AS u WHERE u.action = @action AND "+sqlInForce+" ORDER BY u.prefix",
		map[string]any{"action": model.Allow, "now": ownStamp(now)}).Scan(&rules).Error
	if err != nil {
		return cfg, time.Time{}, err
	}
	var until time.Time
	for i := range rules {
		r := rules[i].rule()
		cfg.Exceptions = append(cfg.Exceptions, r.Prefix)
		if !r.Expires.IsZero() && (until.IsZero() || r.Expires.Before(until)) {
			until = r.Expires
		}
	}
	err = tx.Raw("SELECT k.cluster FROM doorman_case AS k WHERE k.ended IS NULL AND k.state = ? ORDER BY k.cluster", model.CaseFalse).Scan(&cfg.Quiet).Error
	cfg.Quiet = slices.Clip(cfg.Quiet)
	return cfg, until, err
}

// fingerprint is what a judgement rests on beside the rows. False positives are
// not in it: they are judged like all others, and not shown.
func (s *Store) fingerprint(cfg detect.Config) string {
	return fmt.Sprintf("line %v, tick %v, horizon %v, most %d, lifetime %v, zone %v, excepting %v",
		cfg.Line, cfg.Tick, cfg.Horizon, cfg.Most, cfg.Lifetime, s.zone, cfg.Exceptions)
}
