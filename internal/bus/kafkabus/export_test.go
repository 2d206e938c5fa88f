package kafkabus

// Through has all connections go to one address, whatever brokers there are.
func Through(c Config, address string) Config {
	c.through = address
	return c
}

// PartitionOf is where the venue's events go.
var PartitionOf = (*Bus).partitionOf

// CheckNow asks for a check of the topic.
var CheckNow = (*Bus).wantCheck

// SizeAlone is the size of a record's batch.
var SizeAlone = sizeAlone
