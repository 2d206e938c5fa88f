package desk

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"

	"vacancy/internal/booking"
)

// Idempotency makes a command safe to retry: of all calls with the same key, by the same actor on the same route, only the first that
// succeeds has an effect, and the others get its answer. The zero Idempotency asks for none of that.
type Idempotency struct {
	// Key is the caller's Idempotency-Key.
	Key string
	// Route names the call.
	Route string
	// Request is the SHA-256 of what is asked. Another request under the same key is refused.
	Request [sha256.Size]byte
}

func (r Idempotency) validate() error {
	if len(r.Key) > maxIdempotencyKey {
		return booking.NewInvalid("Idempotency-Key", "must have at most %d characters", maxIdempotencyKey)
	}
	return nil
}

func (r Idempotency) answerKey(a booking.Actor) booking.AnswerKey {
	return booking.NewAnswerKey(a, r.Route, r.Key)
}

// storeAnswer keeps the outcome for repeats. It is sealed under the idempotency key, of which the store has only a hash: the manage
// token in it cannot be read from the database.
func (d *draft) storeAnswer(key booking.AnswerKey, r Idempotency, made Outcome) error {
	plain, err := encodeOutcome(made)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	aead, err := r.cipher()
	if err != nil {
		return err
	}
	sealed := aead.Seal(nil, nil, plain, key[:]) //nolint:gosec // the AEAD makes its own random nonce
	answer := booking.Answer{Key: key, Request: r.Request, Sealed: sealed, CreatedAt: d.now}
	d.answers[key] = answer
	d.newAnswers = append(d.newAnswers, answer)
	return nil
}

// decrypt is the outcome that was stored, if this is a repeat of the same request.
func (r Idempotency) decrypt(answer booking.Answer) (made Outcome, err error) {
	if answer.Request != r.Request {
		return Outcome{}, booking.ErrIdempotencyMismatch
	}
	aead, err := r.cipher()
	if err != nil {
		return Outcome{}, err
	}
	plain, err := aead.Open(nil, nil, answer.Sealed, answer.Key[:])
	if err != nil {
		return Outcome{}, fmt.Errorf("decrypt a stored answer: %w", err)
	}
	if made, err = decodeOutcome(plain); err != nil {
		return Outcome{}, fmt.Errorf("decode a stored answer: %w", err)
	}
	return made, nil
}

// cipher encrypts under a key derived from the idempotency key, with a random nonce in front.
func (r Idempotency) cipher() (cipher.AEAD, error) {
	secret := sha256.Sum256([]byte("vacancy answer\x00" + r.Key))
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
