package booking_test

import (
	"testing"

	"vacancy/internal/booking"
)

// An amount is judged and stored by its value, and by the digits of its currency.
func TestNormalizePrice(t *testing.T) {
	t.Parallel()
	for given, want := range map[booking.Price]string{
		{Amount: "25.00", Currency: "EUR"}:          "25.00",
		{Amount: "25", Currency: "EUR"}:             "25.00",
		{Amount: "60.0", Currency: "EUR"}:           "60.00",
		{Amount: "25.0000", Currency: "EUR"}:        "25.00",
		{Amount: "007", Currency: "EUR"}:            "7.00",
		{Amount: "000.5", Currency: "EUR"}:          "0.50",
		{Amount: "0", Currency: "EUR"}:              "0.00",
		{Amount: "12000.00", Currency: "JPY"}:       "12000",
		{Amount: "4500", Currency: "JPY"}:           "4500",
		{Amount: "1.5", Currency: "KWD"}:            "1.500",
		{Amount: "25.001", Currency: "EUR"}:         "25.001", // refused: the currency has no such amount
		{Amount: "12000.5", Currency: "JPY"}:        "12000.5",
		{Amount: "much", Currency: "EUR"}:           "much",
		{Amount: "1.0", Currency: "nothing"}:        "1.0",
		{Amount: "-1", Currency: "EUR"}:             "-1",
		{Amount: "", Currency: "EUR"}:               "",
		{Amount: "9.99999", Currency: "EUR"}:        "9.99999",
		{Amount: "12345678901234", Currency: "EUR"}: "12345678901234",
	} {
		got := given.Normalize()
		if got.Amount != want || got.Currency != given.Currency || got != got.Normalize() {
			t.Errorf("%v is %v, want %s", given, got, want)
		}
	}
}

func TestNormalizeOrigins(t *testing.T) {
	t.Parallel()
	got := booking.NormalizeOrigins([]string{"https://a.example", "HTTPS://A.example:443", "*", "http://a.example", "*"})
	if len(got) != 3 || got[0] != "https://a.example" || got[1] != "*" || got[2] != "http://a.example" {
		t.Errorf("normalised to %q", got)
	}
	if booking.NormalizeOrigins(nil) != nil {
		t.Error("no origins became some")
	}
}
