package rabbittest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The files for a client of [Broker.SecureAddress]; see [Broker.File].
const (
	CAFile   = "ca.pem"
	CertFile = "client.pem"
	KeyFile  = "client.key"
)

// Authority signs certificates.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	directory   string
}

// NewAuthority makes one that writes all that it signs into a directory, its own certificate as [CAFile].
func NewAuthority(directory string) (*Authority, error) {
	a := &Authority{directory: directory}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var err error
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	if err := a.write(CAFile, "CERTIFICATE", der); err != nil {
		return nil, err
	}
	return a, nil
}

// Sign writes a certificate NAME.pem and its key NAME.key, for both ends of a connection: for 127.0.0.1 and localhost, until notAfter.
func (a *Authority) Sign(name string, notAfter time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: notAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, a.certificate, key.Public(), a.key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := a.write(name+".key", "PRIVATE KEY", secret); err != nil {
		return err
	}
	return a.write(name+".pem", "CERTIFICATE", der)
}

func (a *Authority) write(name, kind string, der []byte) error {
	return os.WriteFile(filepath.Join(a.directory, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

func writeCertificates(directory string) error {
	a, err := NewAuthority(directory)
	if err != nil {
		return err
	}
	for _, name := range []string{"server", "client"} {
		if err := a.Sign(name, time.Now().Add(24*time.Hour)); err != nil {
			return err
		}
	}
	return nil
}
