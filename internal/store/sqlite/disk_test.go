package sqlite

import (
	"strings"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// watched is the name of SQLite's own VFS with a layer before it that counts flushes and breaks writes, file by file. It exists
// because nothing in SQL tells how often fsync was called. It is registered once for the process, and used only by stores that
// name it.
var watched = sync.OnceValue(func() string {
	tls := libc.NewTLS() // for the life of the process
	name, err := libc.CString("watched")
	if err != nil {
		panic(err)
	}
	own := sqlite3.Xsqlite3_vfs_find(tls, 0)
	layer := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_vfs{})))
	ownOpen = *function[openFunc](&at[sqlite3.Tsqlite3_vfs](own).FxOpen)
	*at[sqlite3.Tsqlite3_vfs](layer) = *at[sqlite3.Tsqlite3_vfs](own)
	at[sqlite3.Tsqlite3_vfs](layer).FzName = name
	at[sqlite3.Tsqlite3_vfs](layer).FpNext = 0
	*function[openFunc](&at[sqlite3.Tsqlite3_vfs](layer).FxOpen) = openWatched
	if rc := sqlite3.Xsqlite3_vfs_register(tls, layer, 0); rc != sqlite3.SQLITE_OK {
		panic(rc)
	}
	return "watched"
})

type (
	openFunc = func(tls *libc.TLS, vfs, path, file uintptr, flags int32, outFlags uintptr) int32
	syncFunc = func(tls *libc.TLS, file uintptr, flags int32) int32
	moveFunc = func(tls *libc.TLS, file, data uintptr, n int32, offset int64) int32 // of xRead and xWrite
)

// at is what stands at an address of C memory.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// function is a C function pointer as the Go function that the transpiled library calls through it.
func function[F any](pointer *uintptr) *F { return (*F)(unsafe.Pointer(pointer)) }

var (
	ownOpen openFunc
	layers  = struct {
		sync.Mutex
		disks   map[string]*disk        // by the path of the database
		files   map[uintptr]*file       // by address
		methods map[methodsKind]uintptr // with those of the layer
	}{disks: make(map[string]*disk), files: make(map[uintptr]*file), methods: make(map[methodsKind]uintptr)}
)

// methodsKind is a set of methods of SQLite's, as it is or without shared memory.
type methodsKind struct {
	own      uintptr
	unshared bool
}

// disk is what tests see of, and do to, the files of one database.
type disk struct {
	mu sync.Mutex
	// flushes counts calls of fsync of the database and of its log.
	flushes, logFlushes int
	// failFlushes, failWrites and failReads are how many of the next ones fail, negative for all; writeError is what writes fail
	// with.
	failFlushes, failWrites, failReads int
	writeError                         int32
	// unshared disks have no shared memory, as some network file systems.
	unshared bool
}

type file struct {
	disk  *disk
	log   bool
	sync  syncFunc
	read  moveFunc
	write moveFunc
}

// watch is the disk on which the database of the path will be.
func watch(tb testing.TB, path string) *disk {
	tb.Helper()
	path, err := resolve(path)
	must(tb, err)
	d := &disk{}
	layers.Lock()
	defer layers.Unlock()
	layers.disks[path] = d
	return d
}

func openWatched(tls *libc.TLS, vfs, path, address uintptr, flags int32, outFlags uintptr) int32 {
	rc := ownOpen(tls, vfs, path, address, flags, outFlags)
	if rc != sqlite3.SQLITE_OK || path == 0 {
		return rc
	}
	name := libc.GoString(path)
	layers.Lock()
	defer layers.Unlock()
	d := layers.disks[strings.TrimSuffix(name, "-wal")]
	if d == nil {
		return rc
	}
	methods := &at[sqlite3.Tsqlite3_file](address).FpMethods
	own := at[sqlite3.Tsqlite3_io_methods](*methods)
	layers.files[address] = &file{
		disk: d, log: strings.HasSuffix(name, "-wal"), sync: *function[syncFunc](&own.FxSync),
		read: *function[moveFunc](&own.FxRead), write: *function[moveFunc](&own.FxWrite),
	}
	kind := methodsKind{*methods, d.unshared}
	if layers.methods[kind] == 0 {
		layers.methods[kind] = layer(tls, own, d.unshared)
	}
	*methods = layers.methods[kind]
	return rc
}

func layer(tls *libc.TLS, own *sqlite3.Tsqlite3_io_methods, unshared bool) uintptr {
	address := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(*own)))
	m := at[sqlite3.Tsqlite3_io_methods](address)
	*m = *own
	*function[syncFunc](&m.FxSync) = syncWatched
	*function[moveFunc](&m.FxRead), *function[moveFunc](&m.FxWrite) = readWatched, writeWatched
	if unshared {
		m.FiVersion = 1
	}
	return address
}

func fileAt(address uintptr) *file {
	layers.Lock()
	defer layers.Unlock()
	return layers.files[address]
}

func syncWatched(tls *libc.TLS, address uintptr, flags int32) int32 {
	f := fileAt(address)
	f.disk.mu.Lock()
	fails := fail(&f.disk.failFlushes)
	if f.log {
		f.disk.logFlushes++
	} else {
		f.disk.flushes++
	}
	f.disk.mu.Unlock()
	if fails {
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	return f.sync(tls, address, flags)
}

func readWatched(tls *libc.TLS, address, data uintptr, n int32, offset int64) int32 {
	f := fileAt(address)
	f.disk.mu.Lock()
	fails := fail(&f.disk.failReads)
	f.disk.mu.Unlock()
	if fails {
		return sqlite3.SQLITE_IOERR_READ
	}
	return f.read(tls, address, data, n, offset)
}

func writeWatched(tls *libc.TLS, address, data uintptr, n int32, offset int64) int32 {
	f := fileAt(address)
	f.disk.mu.Lock()
	fails, rc := fail(&f.disk.failWrites), f.disk.writeError
	f.disk.mu.Unlock()
	if fails {
		return rc
	}
	return f.write(tls, address, data, n, offset)
}

// fail counts down to zero.
func fail(left *int) bool {
	if *left > 0 {
		*left--
		return true
	}
	return *left < 0
}

// counted are the flushes of the database and of its log since the last call.
func (d *disk) counted() (database, log int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	database, log = d.flushes, d.logFlushes
	d.flushes, d.logFlushes = 0, 0
	return database, log
}

// breakDown makes the next writes and flushes fail, negative for all.
func (d *disk) breakDown(writes int, writeError int32, flushes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failWrites, d.writeError, d.failFlushes = writes, writeError, flushes
}

// breakReads makes all reads fail.
func (d *disk) breakReads() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failReads = -1
}

// repair makes everything work.
func (d *disk) repair() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failFlushes, d.failWrites, d.failReads = 0, 0, 0
}
