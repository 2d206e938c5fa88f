package config

// maxConnections is more than any PostgreSQL server accepts.
const maxConnections = 10_000

// maxWeight is the whole weight of a server at its load balancer, in percent.
const maxWeight = 100
