package sqlite

import (
	"fmt"
	"syscall"
)

// fileSystems are the names of file systems by their magic numbers, of statfs(2) and linux/magic.h.
var fileSystems = map[uint32]string{
	0xef53: "ext4", 0x58465342: "xfs", 0x9123683e: "btrfs", 0xf2f52010: "f2fs", 0x2fc12fc1: "zfs", 0xca451a4e: "bcachefs",
	0x6969: "nfs", 0xff534d42: "cifs", 0x517b: "cifs", 0xfe534d42: "smb2", 0x01021997: "9p", 0x00c36400: "ceph", 0x5346414f: "afs",
	0x65735546: "fuse", 0x0bd00bd0: "lustre", 0x01161970: "gfs2", 0x7461636f: "ocfs2",
	0x01021994: "tmpfs", 0x858458f6: "ramfs", 0x794c7630: "overlay",
}

// fileSystem is the name of a directory's file system, or its number in hexadecimal; empty if that is not known.
func fileSystem(dir string) string {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return ""
	}
	kind := uint32(stat.Type)
	if name, ok := fileSystems[kind]; ok {
		return name
	}
	return fmt.Sprintf("%#x", kind)
}
