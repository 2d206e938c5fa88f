package rabbitbus_test

import (
	"testing"

	"go.uber.org/goleak"

	"vacancy/internal/bus/bustest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, bustest.ProxyLeaks()...) }
