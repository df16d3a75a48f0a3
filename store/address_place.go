package store

import (
	"math"

	"gorm.io/gorm"
)

// Numbers are given out between those of the neighbours in the list; where none
// is free the numbers around are spread again, over as few addresses as will do
// (order maintenance by relabelling; Itai, Konheim and Rodeh 1981).

// addressRow is a row of doorman_address.
type addressRow struct {
	No    int64
	ID    string
	Email string
}

// numberThese numbers accounts that have no number; they stand in the order of
// the list.
func numberThese(tx *gorm.DB, list []addressRow) error {
	for len(list) > 0 {
		next, err := numberAfter(tx, list[0])
		if err != nil {
			return err
		}
		n := 1 // so many of them stand before the same neighbour
		for n < len(list) {
			after, err := numberAfter(tx, list[n])
			if err != nil {
				return err
			}
			if after != next {
				break
			}
			n++
		}
		if err := numberBefore(tx, next, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// numberAfter returns the number of the first account behind a place in the
// list that is not stale; the largest number there is when none follows.
func numberAfter(tx *gorm.DB, at addressRow) (int64, error) {
	var no []int64
	err := tx.Raw(`SELECT d.no FROM "Account" AS a JOIN doorman_address AS d ON d.id = a.id
		WHERE (a.email COLLATE NOCASE, a.id) > ( @email, @id) AND a.email COLLATE NOCASE >= @email
			AND NOT EXISTS (SELECT 1 FROM doorman_address_stale AS t WHERE t.id = a.id)
		ORDER BY a.email COLLATE NOCASE, a.id LIMIT 1`, map[string]any{"email": at.Email, "id": at.ID}).Scan(&no).Error
	if err != nil || len(no) == 0 {
		return math.MaxInt64, err
	}
	return no[0], nil
}

// numberBefore gives accounts the numbers before one that is taken.
func numberBefore(tx *gorm.DB, next int64, list []addressRow) error {
	var before []int64
	if err := tx.Raw("SELECT no FROM doorman_address WHERE no < ? ORDER BY no DESC LIMIT 1", next).Scan(&before).Error; err != nil {
		return err
	}
	room := int64(len(list) + 1)
	switch {
	case len(before) == 0 && next == math.MaxInt64:
		return putNumbers(tx, list, 0, addressGap)
	case next == math.MaxInt64:
		return putNumbers(tx, list, before[0], addressGap)
	case len(before) == 0:
		return putNumbers(tx, list, next-room*addressGap, addressGap)
	case next-before[0] >= room:
		return putNumbers(tx, list, before[0], (next-before[0])/room)
	}
	return spreadNumbers(tx, next, list)
}

// putNumbers writes accounts under numbers at even distances after a first.
func putNumbers(tx *gorm.DB, list []addressRow, first, gap int64) error {
	for i, a := range list {
		args := map[string]any{"no": first + int64(i+1)*gap, "id": a.ID, "email": a.Email}
		for _, q := range []string{
			"INSERT INTO doorman_address (no, id, email) VALUES (@no, @id, @email)",
			"INSERT INTO doorman_address_part (rowid, email) VALUES (@no, @email)",
		} {
			if err := tx.Exec(q, args).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

// spreadNumbers makes room before a number: it takes as many addresses on both
// sides as it needs to give all of them at least a few free numbers, and writes
// them again with the list in their midst.
func spreadNumbers(tx *gorm.DB, next int64, list []addressRow) error {
	const least = 8 // distance after spreading
	for reach := 32; ; reach *= 2 {
		around, low, high, err := numbersAround(tx, next, reach)
		if err != nil {
			return err
		}
		all := int64(len(around) + len(list) + 1)
		if high-low < all*least && high-low > 0 {
			continue
		}
		var ordered []addressRow
		for _, a := range around {
			if a.No >= next && list != nil {
				ordered, list = append(ordered, list...), nil
			}
			ordered = append(ordered, a)
		}
		ordered = append(ordered, list...)
		if err := takeNumbers(tx, low, high); err != nil {
			return err
		}
		return putNumbers(tx, ordered, low, (high-low)/all)
	}
}

// numbersAround returns the addresses on both sides of a number, and the numbers
// between which they may be spread. Beyond the ends of the list all are free.
func numbersAround(tx *gorm.DB, no int64, reach int) (list []addressRow, low, high int64, err error) {
	var below, above []addressRow
	if err = tx.Raw("SELECT no, id, email FROM doorman_address WHERE no < ? ORDER BY no DESC LIMIT ?", no, reach+1).Scan(&below).Error; err != nil {
		return nil, 0, 0, err
	}
	if err = tx.Raw("SELECT no, id, email FROM doorman_address WHERE no >= ? ORDER BY no LIMIT ?", no, reach+1).Scan(&above).Error; err != nil {
		return nil, 0, 0, err
	}
	room := int64(len(below)+len(above)) * addressGap
	low, high = no-room, no+room
	if len(below) > reach {
		low, below = below[reach].No, below[:reach]
	} else if len(below) > 0 {
		low = below[len(below)-1].No - room
	}
	if len(above) > reach {
		high, above = above[reach].No, above[:reach]
	} else if len(above) > 0 {
		high = above[len(above)-1].No + room
	}
	for i := len(below) - 1; i >= 0; i-- {
		list = append(list, below[i])
	}
	return append(list, above...), low, high, nil
}

// takeNumbers takes the addresses out whose numbers lie between two.
func takeNumbers(tx *gorm.DB, low, high int64) error {
	for _, q := range []string{
		"INSERT INTO doorman_address_part (doorman_address_part, rowid, email) SELECT 'delete', no, email FROM doorman_address WHERE no > @low AND no < @high",
		"DELETE FROM doorman_address WHERE no > @low AND no < @high",
	} {
		if err := tx.Exec(q, map[string]any{"low": low, "high": high}).Error; err != nil {
			return err
		}
	}
	return nil
}
