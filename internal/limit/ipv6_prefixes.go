package limit

// ipv6Prefixes are the lengths at which an IPv6 address counts, and how many times the limits of one client each of them has. A household
// has a /64 or a /56, an office or a small provider a /48.
var ipv6Prefixes = [...]struct{ bits, times int }{{64, 1}, {56, 4}, {48, 16}}
