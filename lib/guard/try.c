// What somebody would try who had taken the program over.
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/guard/guard.h"

enum { REFUSED, CARRIED_OUT, NOT_GUARDED };

static bool try_open(const char *foreign) { return open(foreign, O_RDONLY | O_CLOEXEC) >= 0; }
static bool try_make(const char *foreign)
{
    char path[512];
    snprintf(path, sizeof path, "%s.made", foreign);
    bool made = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0;
    unlink(path);
    return made;
}
static bool try_exec(const char *foreign)
{
    (void)foreign;
    execl("/bin/true", "true", (char *)NULL);
    return true; // an exec that is only refused is none that ended the program
}
static bool try_fork(const char *foreign)
{
    (void)foreign;
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    return pid > 0;
}
static bool try_raw_socket(const char *foreign)
{
    (void)foreign;
    return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0;
}
static bool try_packet_socket(const char *foreign)
{
    (void)foreign;
    return socket(AF_PACKET, SOCK_DGRAM, 0) >= 0;
}
static bool try_own_code(const char *foreign)
{
    (void)foreign;
    return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}
static bool try_trace(const char *foreign)
{
    (void)foreign;
    return ptrace(PTRACE_TRACEME) == 0;
}

static const struct {
    const char *name;
    bool (*try)(const char *foreign); // whether it was carried out
    bool of_files;                    // Landlock's
} tries[] = {
    {"opening a file of others", try_open, true}, {"making a file there", try_make, true},
    {"running a program", try_exec, false},       {"another process", try_fork, false},
    {"a raw socket", try_raw_socket, false},      {"a socket for packets", try_packet_socket, false},
    {"code in memory", try_own_code, false},      {"tracing", try_trace, false},
};

// In the process that tries.
static int try_one(const struct guard_options *options, size_t at, const char *foreign)
{
    struct err err;
    bool fenced;
    if (!guard_start(GUARD_ON, options, &fenced, &err))
        return fprintf(stderr, "%s\n", err.message), NOT_GUARDED;
    if (tries[at].of_files && !fenced) return NOT_GUARDED;
    return tries[at].try(foreign) ? CARRIED_OUT : REFUSED;
}

static bool was_refused(int status, const char **how)
{
    bool ended = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : CARRIED_OUT;
    *how = ended                 ? "refused, and the program ended"
           : code == REFUSED     ? "refused"
           : code == CARRIED_OUT ? "CARRIED OUT"
                                 : "NOT GUARDED";
    return ended || code == REFUSED;
}

bool guard_try(const struct guard_options *options, const char *foreign)
{
    bool all = true;
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        int status = 0;
        const char *how;
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) _exit(try_one(options, i, foreign));
        if (pid < 0 || waitpid(pid, &status, 0) != pid) return perror("fork"), false;
        all &= was_refused(status, &how);
        printf("%s: %s\n", tries[i].name, how);
    }
    return all;
}
