package config

// maxConnections is more than any PostgreSQL server accepts.
const maxConnections = 10_000
