package doctor

import (
	"testing"

	"vacancy/internal/doctor/facts"
)

func TestPlainHTTP(t *testing.T) {
	t.Parallel()
	table(t, "plain_http", sound,
		row{
			name: "strangers",
			fault: func(f *facts.Facts) {
				f.Settings.PlainToStrangers = true
			},
			want: Warning, subject: "127.0.0.1:8080", says: "plain HTTP",
		},
		row{
			name: "customers",
			fault: func(f *facts.Facts) {
				f.Settings.PublicURL = "http://book.example.com"
			},
			want: Warning, subject: "http://book.example.com", says: "customers use",
		},
		row{
			name: "this machine",
			fault: func(f *facts.Facts) {
				f.Settings.PublicURL = "http://localhost:8080"
			},
		},
	)
}
