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

// repeatable is what repeats of one command are known by, and their answer encrypted with. It is made by the caller, so that the lane, in
// which all commands of a venue stand in line, does not wait for it.
type repeatable struct {
	key     booking.AnswerKey
	request [sha256.Size]byte
	aead    cipher.AEAD
}

// repeatable is nil if the caller has no key.
func (r Idempotency) repeatable(a booking.Actor) (*repeatable, error) {
	if r.Key == "" {
		return nil, nil //nolint:nilnil // nothing is asked for
	}
	aead, err := r.cipher()
	if err != nil {
		return nil, err
	}
	return &repeatable{key: booking.NewAnswerKey(a, r.Route, r.Key), request: r.Request, aead: aead}, nil
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

// storeAnswer keeps the outcome for repeats. It is sealed under the idempotency key, of which the store has only a hash: the manage
// token in it cannot be read from the database.
func (d *draft) storeAnswer(r *repeatable, made Outcome) error {
	plain, err := encodeOutcome(made)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	sealed := r.aead.Seal(nil, nil, plain, r.key[:]) //nolint:gosec // the AEAD makes its own random nonce
	answer := booking.Answer{Key: r.key, Request: r.request, Sealed: sealed, CreatedAt: d.now}
	d.answers[r.key] = answer
	d.newAnswers = append(d.newAnswers, answer)
	return nil
}

// decrypt is the outcome that was stored, if this is a repeat of the same request.
func (r *repeatable) decrypt(answer booking.Answer) (made Outcome, err error) {
	if answer.Request != r.request {
		return Outcome{}, booking.ErrIdempotencyMismatch
	}
	plain, err := r.aead.Open(nil, nil, answer.Sealed, answer.Key[:])
	if err != nil {
		return Outcome{}, fmt.Errorf("decrypt a stored answer: %w", err)
	}
	if made, err = decodeOutcome(plain); err != nil {
		return Outcome{}, fmt.Errorf("decode a stored answer: %w", err)
	}
	return made, nil
}
