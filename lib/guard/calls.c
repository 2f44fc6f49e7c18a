// The system calls that each service may make, in one table. What is not in it fails with EPERM, and what
// only a program does that was taken over ends it. The kernel's log has both.
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "lib/guard/parts.h"

enum {
    GATEWAY = 1,
    AUTH = 2,
    EVENTS = 4,
    CHAIN = 8,
    AI = 16,
    STORES = AUTH | EVENTS | CHAIN | AI, // they keep files
    ALL = GATEWAY | STORES,
};

static const struct {
    const char *name;
    unsigned bit;
} services[] = {{"gateway", GATEWAY}, {"auth", AUTH}, {"events", EVENTS}, {"chain", CHAIN}, {"ai", AI}};

static const struct {
    unsigned who;
    const char *calls;
} allowed[] = {
    // memory; mlock is libsodium's, of keys
    {ALL, "brk munmap mremap madvise membarrier msync mlock munlock"},
    // threads; calls_narrow has clone, and calls_hide_clone3 takes the other away
    {ALL, "clone3 futex set_robust_list get_robust_list rseq exit exit_group gettid getpid getppid"},
    {ALL,
     "sched_yield sched_getaffinity sched_getparam sched_getscheduler getcpu set_tid_address arch_prctl"},
    // signals
    {ALL, "kill tgkill rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sigaltstack"},
    {ALL, "restart_syscall signalfd4 pause"},
    // time
    {ALL, "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times alarm setitimer"},
    {ALL, "timerfd_create timerfd_settime"},
    // waiting
    {ALL, "poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait"},
    {ALL, "epoll_pwait2 eventfd2 pipe pipe2"},
    // files: which ones, the fence says
    {ALL, "open openat close read readv pread64 preadv write writev lseek stat fstat lstat newfstatat statx"},
    {ALL, "statfs fstatfs access faccessat faccessat2 readlink readlinkat getdents64 getcwd fcntl ioctl"},
    {ALL, "dup dup2 dup3 fadvise64 umask sendfile"},
    // files that change; SQLite, as root, gives its files the owner of the store
    {STORES, "pwrite64 pwritev truncate ftruncate fallocate fsync fdatasync flock rename renameat renameat2"},
    {STORES, "link linkat unlink unlinkat mkdir mkdirat rmdir chmod fchmod fchmodat fchown utimensat"},
    // sockets; which ones, calls_narrow says
    {ALL, "connect bind listen accept accept4 shutdown getsockname getpeername getsockopt setsockopt"},
    {ALL, "sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg"},
    // what it is, and what there is
    {ALL, "getuid geteuid getgid getegid getrandom uname sysinfo getrusage prlimit64 getrlimit setrlimit"},
};

static const char deadly[] =
    "execve execveat fork vfork ptrace process_vm_readv process_vm_writev mount unshare setns chroot bpf "
    "init_module finit_module kexec_load keyctl userfaultfd perf_event_open setuid setresuid "
    "open_by_handle_at";

#define IS(at, mask, value) SCMP_CMP(at, SCMP_CMP_MASKED_EQ, mask, value)
#define TYPE_MASK 0xfU // of a socket, without its flags

// Calls that are as good or bad as their arguments are.
static bool calls_narrow(scmp_filter_ctx filter)
{
    static const int maps[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    static const int of_net[] = {AF_INET, AF_INET6}, types[] = {SOCK_STREAM, SOCK_DGRAM};
    bool ok = true;
    for (size_t i = 0; i < 2; i++) { // libraries are loaded, but nothing that was written is run
        ok = ok && !seccomp_rule_add(filter, SCMP_ACT_ALLOW, maps[i], 1, IS(2, PROT_EXEC, 0));
        ok = ok &&
             !seccomp_rule_add(filter, SCMP_ACT_ALLOW, maps[i], 1, IS(2, PROT_EXEC | PROT_WRITE, PROT_EXEC));
    }
    for (size_t i = 0; i < 4; i++)
        ok = ok && !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                                     SCMP_A0(SCMP_CMP_EQ, (uint64_t)of_net[i / 2], 0),
                                     IS(1, TYPE_MASK, (uint64_t)types[i % 2]));
    ok = ok &&
         !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
    // With it getaddrinfo asks which addresses this machine has.
    ok = ok && !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                                 SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0), SCMP_A2(SCMP_CMP_EQ, 0, 0));
    ok = ok &&
         !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
    ok = ok && !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                 IS(0, CLONE_THREAD | CLONE_NEWUSER, CLONE_THREAD));
    ok = ok &&
         !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
    return ok;
}

// A call that this processor does not have is left out; a name that nobody knows fails.
static bool calls_add(scmp_filter_ctx filter, uint32_t action, const char *names)
{
    char copy[512], *rest = copy;
    snprintf(copy, sizeof copy, "%s", names);
    for (char *name; (name = strsep(&rest, " "));) {
        int call = seccomp_syscall_resolve_name(name);
        if (call == __NR_SCMP_ERROR || seccomp_rule_add(filter, action, call, 0) != 0) return false;
    }
    return true;
}

static bool calls_fill(scmp_filter_ctx filter, unsigned who, bool only_log)
{
    bool ok = calls_narrow(filter) && (only_log || calls_add(filter, SCMP_ACT_KILL_PROCESS, deadly));
    for (size_t i = 0; ok && i < sizeof allowed / sizeof *allowed; i++)
        ok = !(allowed[i].who & who) || calls_add(filter, SCMP_ACT_ALLOW, allowed[i].calls);
    return ok;
}

static unsigned calls_who(const char *service)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (strcmp(services[i].name, service) == 0) return services[i].bit;
    return 0;
}

// Its flags are in memory, where no filter sees them, so there is no such call, and glibc takes clone. That
// is a filter of its own because each thread that starts asks, and none of it is worth a line in a log.
static bool calls_hide_clone3(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool ok = filter && !seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) &&
              !seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) && !seccomp_load(filter);
    seccomp_release(filter);
    return ok;
}

static bool calls_load(unsigned who, bool only_log)
{
    scmp_filter_ctx filter = seccomp_init(only_log ? SCMP_ACT_LOG : SCMP_ACT_ERRNO(EPERM));
    bool ok = filter && !seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) &&
              !seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1) &&
              !seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) && calls_fill(filter, who, only_log) &&
              !seccomp_load(filter);
    seccomp_release(filter);
    return ok;
}

bool guard_calls(const char *service, bool only_log, struct err *err)
{
    unsigned who = calls_who(service);
    if (!who) return err_fail(err, INTERNAL_ERROR, "no system calls are known of %s", service);
    return (calls_hide_clone3() && calls_load(who, only_log)) ||
           err_fail(err, INTERNAL_ERROR, "system calls cannot be restricted (seccomp)");
}
