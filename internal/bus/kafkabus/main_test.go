package kafkabus_test

import (
	"testing"

	"go.uber.org/goleak"
)

// A proxy whose connection is cut while it holds data forgets its own goroutine.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"))
}
