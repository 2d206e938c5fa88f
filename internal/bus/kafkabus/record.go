package kafkabus

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"vacancy/internal/booking"
	"vacancy/internal/bus"
)

// A record is an event in the binary mode of the Kafka protocol binding of CloudEvents: attributes are headers, the value is the data. Its
// time of creation is that of sending; the topic's retention counts from there. The event's own is in a header.
func newRecord(topic string, partition int32, venue booking.VenueID, e *bus.Event) *kgo.Record {
	attributes := e.Attributes()
	headers := make([]kgo.RecordHeader, 0, len(attributes))
	for _, a := range attributes {
		name := "ce_" + a.Name
		if a.Name == "datacontenttype" {
			name = "content-type"
		}
		headers = append(headers, kgo.RecordHeader{Key: name, Value: []byte(a.Value)})
	}
	return &kgo.Record{Topic: topic, Partition: partition, Key: []byte(venue), Value: e.Data, Headers: headers}
}

// framing is what the library takes the length before a batch to need at most, which it counts as a part of the batch.
const framing = 4

// batchOverhead is what a batch of the record format 2 has besides its records.
const batchOverhead = 61

// sizeAlone is the size of the batch that has the record and no other, which is what a broker compares with max.message.bytes.
func sizeAlone(r *kgo.Record) int {
	size := 1 + 1 + 1 // attributes, and differences of time and offset, which are 0
	size += bytesSize(len(r.Key)) + bytesSize(len(r.Value))
	size += varintSize(len(r.Headers))
	for _, h := range r.Headers {
		size += bytesSize(len(h.Key)) + bytesSize(len(h.Value))
	}
	return batchOverhead + varintSize(size) + size
}

// bytesSize is that of so many bytes and their number.
func bytesSize(n int) int { return varintSize(n) + n }

// varintSize is that of a number that is not negative, in the zigzag encoding.
func varintSize(n int) int {
	size := 1
	for n <<= 1; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}

// newRecords makes the records of a call, for batches of limit bytes at most. The error is a [bus.RejectedError] if one alone is more than
// a batch may have: then none is sent, for the later ones would arrive without it.
func newRecords(
	topic string, partition int32, venue booking.VenueID, events []bus.Event, limit int,
) (records []*kgo.Record, size int, err error) {
	records = make([]*kgo.Record, len(events))
	for i := range events {
		records[i] = newRecord(topic, partition, venue, &events[i])
		alone := sizeAlone(records[i])
		if alone > limit-framing {
			return nil, 0, tooLarge(i, alone, limit-framing)
		}
		size += alone
	}
	return records, size, nil
}

func tooLarge(index, size, limit int) *bus.RejectedError {
	return &bus.RejectedError{
		Index:  index,
		Reason: fmt.Sprintf("kafka: it has %d bytes, and the topic takes %d (its setting max.message.bytes)", size, limit),
	}
}
