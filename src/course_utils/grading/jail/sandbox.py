"""The kernel's tools for holding a process: ids, namespaces, capabilities, seccomp, limits.

Each function does one thing to the calling process and raises `OSError` when the kernel refuses, so
that a wall that is not there is never taken for one. Linux only.
"""

import contextlib
import ctypes
import os
import resource
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass

MEBIBYTE = 2**20

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
_CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
_CLONE_THREAD = 0x00010000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP = 1, 4, 22
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 24, 38, 47
_SECCOMP_MODE_FILTER = 2
_LAST_CAPABILITY = 63
_TIOCSTI = 0x5412

_COURTESY = 0.008  # seconds: the next submission is on its way by then

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Caps:
    """What one process may use: memory in MiB, threads, file sizes in MiB, CPU in seconds."""

    address_space: int
    data: int
    threads: int
    file_size: int
    cpu: int
    scratch: int = 64


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _prctl(option: int, argument: int = 0, third: int = 0) -> int:
    return _libc.prctl(
        option,
        ctypes.c_ulong(argument),
        ctypes.c_ulong(third),
        ctypes.c_ulong(0),
        ctypes.c_ulong(0),
    )


def become(uid: int) -> None:
    """Give up root for ``uid``, for good, and prove it. Nothing to do for anybody else."""
    if os.getuid() == 0:
        _drop_bounding_set()
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    drop_capabilities()
    no_new_privileges()
    if 0 in (*os.getresuid(), *os.getresgid()):
        raise OSError("a worker still runs as root after dropping its privileges")


def no_new_privileges() -> None:
    """No program started from here on gains rights by being set-uid."""
    _check(_prctl(_PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")


def hide_from_peers(hidden: bool = True) -> None:
    """Make /proc and ptrace of this process root's business (not dumpable)."""
    _check(_prctl(_PR_SET_DUMPABLE, 0 if hidden else 1), "PR_SET_DUMPABLE")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent is gone."""
    _check(_prctl(_PR_SET_PDEATHSIG, signal.SIGKILL), "PR_SET_PDEATHSIG")


def stay_on(processors: Iterable[int]) -> None:
    """Run on these processors only, where the kernel lets us.

    Two processes that take turns are quicker on one, because waking a sleeping processor takes
    longer than most calls; and quicker still where nothing else is woken beside them.
    """
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, processors)


def make_way(process: int, processors: Iterable[int]) -> None:
    """Let a process that is about to end do so a little later, elsewhere, after everybody else.

    It takes the kernel milliseconds to get its memory back, often without a pause: whoever takes
    the grade and hands over the next submission would wait for them.
    """
    with contextlib.suppress(OSError):
        os.sched_setaffinity(process, processors)
        os.setpriority(os.PRIO_PROCESS, process, 19)
    time.sleep(_COURTESY)


def new_namespaces() -> None:
    """Move into user, mount, pid, ipc, net and uts namespaces of our own.

    The pid namespace holds the children forked after this call. The user keeps its number.
    """
    uid, gid = os.getuid(), os.getgid()
    hide_from_peers(False)
    every = (
        _CLONE_NEWUSER
        | _CLONE_NEWNS
        | _CLONE_NEWPID
        | _CLONE_NEWIPC
        | _CLONE_NEWNET
        | _CLONE_NEWUTS
    )
    _check(_libc.unshare(every), "unshare")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
    hide_from_peers()


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    result = _libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode(),
    )
    _check(result, f"mount {target}")


def private_files(scratch: str, size: int) -> None:
    """A fresh small tmpfs at ``scratch`` (``size`` MiB) and an empty /proc; no mount leaks out."""
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    options = f"size={size}m,nr_inodes=4096,mode=0755"
    _mount("tmpfs", scratch, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
    hidden = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC | _MS_RDONLY
    _mount("tmpfs", "/proc", "tmpfs", hidden, "size=4k,mode=0555")


def _drop_bounding_set() -> None:
    for capability in range(_LAST_CAPABILITY + 1):
        if _prctl(_PR_CAPBSET_DROP, capability) != 0:
            break


def drop_capabilities() -> None:
    """Empty every capability set: bounding (where allowed), ambient, permitted, inheritable."""
    _drop_bounding_set()
    _prctl(_PR_CAP_AMBIENT, 4)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    empty = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(ctypes.byref(header), ctypes.byref(empty)), "capset")


def limit(caps: Caps) -> None:
    """Set the resource limits of this process, hard and soft alike."""
    for which, value in (
        (resource.RLIMIT_AS, caps.address_space * MEBIBYTE),
        (resource.RLIMIT_DATA, caps.data * MEBIBYTE),
        (resource.RLIMIT_NPROC, caps.threads),
        (resource.RLIMIT_FSIZE, caps.file_size * MEBIBYTE),
        (resource.RLIMIT_CPU, caps.cpu),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 64 * 1024),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(which, (value, value))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


_DENIED = (
    "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise "
    "mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick "
    "mount_setattr quotactl swapon swapoff unshare setns "
    "keyctl add_key request_key bpf perf_event_open userfaultfd "
    "io_uring_setup io_uring_enter io_uring_register "
    "init_module finit_module delete_module kexec_load kexec_file_load reboot "
    "open_by_handle_at name_to_handle_at acct syslog iopl ioperm "
    "settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname "
    "personality lookup_dcookie vhangup nfsservctl modify_ldt "
    "fork vfork execve execveat seccomp fanotify_init "
    # Memory that no limit counts: files without a name, segments that outlive being attached.
    "memfd_create memfd_secret shmget shmat msgget semget mq_open"
)
_AF_UNIX = 1


def seccomp_program() -> bytes:
    """The filter as BPF, to be compiled once and installed in every job (`install_filter`).

    What is allowed: everything a numerical notebook needs, threads included. What is refused: new
    processes and programs, namespaces, mounts, tracing, kernel interfaces, sockets that leave.
    """
    import errno

    import pyseccomp

    refused = pyseccomp.ERRNO(errno.EPERM)
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in _DENIED.split():
        try:
            rules.add_rule(refused, name)
        except (OSError, ValueError):
            continue  # this kernel or architecture has no such call
    no_thread = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0)
    rules.add_rule(refused, "clone", no_thread)
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.add_rule(refused, "socket", pyseccomp.Arg(0, pyseccomp.NE, _AF_UNIX))
    rules.add_rule(refused, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, _TIOCSTI))
    with os.fdopen(os.memfd_create("seccomp"), "w+b") as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install_filter(program: bytes) -> None:
    """Install a compiled filter for this process and all its threads to come."""
    structure = _Program(len(program) // 8, program)
    address = ctypes.cast(ctypes.byref(structure), ctypes.c_void_p).value
    _check(_prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, address), "seccomp")


def close_all_but(*kept: int) -> None:
    """Close every descriptor except ``kept``; standard streams lead to /dev/null."""
    null = os.open("/dev/null", os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = max(low, descriptor + 1)
    os.closerange(low, 65536)
