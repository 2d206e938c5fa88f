package booking

import (
	"cmp"
	"regexp"
	"strings"
)

var amountForm = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,4})?$`)

// Price is an amount as a decimal text, "25.00", and the ISO 4217 code of its currency.
type Price struct {
	Amount   string
	Currency string
}

// Normalize is the price as it is stored, whatever its spelling: "007" euros are "7.00", and "12000.00" yen "12000". What is no price
// stays as it is, to be refused.
func (p Price) Normalize() Price {
	digits, known := minorDigits(p.Currency)
	if !known || !amountForm.MatchString(p.Amount) {
		return p
	}
	whole, fraction, _ := strings.Cut(p.Amount, ".")
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	fraction += strings.Repeat("0", max(digits-len(fraction), 0))
	p.Amount = cmp.Or(whole, "0")
	if fraction != "" {
		p.Amount += "." + fraction
	}
	return p
}

func (p Price) check(c *checker) {
	digits, known := minorDigits(p.Currency)
	c.require(known, "price.currency", "must be a currency's code of ISO 4217, such as EUR")
	if !amountForm.MatchString(p.Amount) {
		c.require(false, "price.amount", `must be a decimal such as "25.00"`)
		return
	}
	_, fraction, _ := strings.Cut(p.Amount, ".")
	c.require(!known || len(fraction) <= digits, "price.amount", "must have at most %d digits behind the point, as %s has", digits, p.Currency)
}
