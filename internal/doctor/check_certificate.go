package doctor

import (
	"time"

	"vacancy/internal/doctor/facts"
)

// certificate: that of --tls-cert can be used, is for the public host, and does not end soon.
func certificate(f *facts.Facts) []Finding {
	c := f.Certificate
	if c == nil {
		return nil
	}
	switch left := c.NotAfter.Sub(f.Now); {
	case c.Fault != "":
		return []Finding{found(Problem, linkTLS, c.File, "the certificate cannot be used: %s", c.Fault).
			todo("Correct --tls-cert and --tls-key: a server does not start with it.")}
	case left <= 0:
		return []Finding{found(Problem, linkCertificate, c.File, "the certificate has ended on %s: browsers refuse the site", date(c.NotAfter)).
			todo("Renew it and put it in place of the old files: servers read them again within seconds.")}
	case !c.Covers:
		return []Finding{found(Problem, linkTLS, c.File, "the certificate is not for the host of %s: browsers refuse the "+
			"site", f.Settings.PublicURL).
			todo("Get one for it, or correct --public-url.")}
	case left < certificateWarning:
		return []Finding{found(Warning, linkCertificate, c.File, "the certificate ends on %s", date(c.NotAfter)).
			todo("Renew it and put it in place of the old files: servers read them again within seconds.")}
	}
	return []Finding{found(OK, linkTLS, c.File, "the certificate is valid until %s", date(c.NotAfter))}
}

func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
