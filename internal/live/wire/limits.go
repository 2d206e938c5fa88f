package wire

// compressionLevel is how hard deflate tries, 1 to 9. It is that of GET: a week of slots has 2 KB instead of 26.
const compressionLevel = 5
