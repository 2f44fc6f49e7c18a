// conse-up: runs the services of this machine as one: one coloured log, what dies is started again, Ctrl-C
// stops all.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/http.h"
#include "tools/conse-up/lines.h"

enum {
    SERVICES = 3,
    TICK_MS = 100,
    FIRST_PAUSE_MS = 100,
    LONGEST_PAUSE_MS = 5000,
    STEADY_MS = 10000,
    STOP_MS = 20000
};

struct child {
    const char *name;
    int color;          // ANSI, 30 to 37
    const char *admin_name, *admin; // the variable of its operators' port, and its default
    pid_t pid;          // 0: not running
    struct lines lines; // of its output
    int64_t started_ms, start_at_ms, pause_ms;
};

// The gateway stops first, so that what it has in flight is still answered.
static struct child children[SERVICES] = {
    {.name = "gateway", .color = 36, .admin_name = "CONSE_GATEWAY_ADMIN", .admin = "127.0.0.1:7441"},
    {.name = "auth", .color = 33, .admin_name = "CONSE_AUTH_ADMIN", .admin = "127.0.0.1:7442"},
    {.name = "events", .color = 32, .admin_name = "CONSE_EVENTS_ADMIN", .admin = "127.0.0.1:7443"},
};
static char folder[1024];
static int failures; // services that ended by themselves with a status other than 0

static void say(const char *text, const char *name)
{
    fprintf(stderr, "\033[1mconse\033[0m    | %s%s\n", text, name);
}

static _Noreturn void become(const struct child *child, int out)
{
    char path[1200];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); // Ctrl-C comes to us; we stop the services in order
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    snprintf(path, sizeof path, "%s/conse-%s", folder, child->name);
    execl(path, path, (char *)NULL);
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    _exit(127);
}

static bool start(struct child *child, int64_t now_ms)
{
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) return false;
    pid_t pid = fork();
    if (pid == 0) become(child, pipes[1]);
    close(pipes[1]);
    if (pid < 0) return close(pipes[0]), false;
    lines_open(&child->lines, pipes[0], child->name, child->color);
    child->pid = pid;
    child->started_ms = now_ms;
    return true;
}

static void start_due(int64_t now_ms)
{
    for (int i = 0; i < SERVICES; i++)
        if (!children[i].pid && children[i].start_at_ms <= now_ms && !start(&children[i], now_ms))
            children[i].start_at_ms = now_ms + LONGEST_PAUSE_MS;
}

static struct child *find_child(pid_t pid)
{
    for (int i = 0; i < SERVICES; i++)
        if (children[i].pid == pid) return &children[i];
    return NULL;
}

// A service that ran for a while comes back at once; one that keeps dying comes back more and more slowly.
static void note_death(struct child *child, int status, int64_t now_ms)
{
    char text[64];
    bool steady = now_ms - child->started_ms > STEADY_MS;
    child->pid = 0;
    failures += WIFEXITED(status) && WEXITSTATUS(status) != 0;
    child->pause_ms = steady || !child->pause_ms ? FIRST_PAUSE_MS : child->pause_ms * 2;
    if (child->pause_ms > LONGEST_PAUSE_MS) child->pause_ms = LONGEST_PAUSE_MS;
    child->start_at_ms = now_ms + child->pause_ms;
    if (WIFSIGNALED(status))
        snprintf(text, sizeof text, "killed by signal %d: ", WTERMSIG(status));
    else
        snprintf(text, sizeof text, "ended with status %d: ", WEXITSTATUS(status));
    say(text, child->name);
}

static void reap(int64_t now_ms)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct child *child = find_child(pid);
        if (!child) continue;
        lines_drain(&child->lines);
        lines_close(&child->lines);
        note_death(child, status, now_ms);
    }
}

static void pump(int signals, int timeout_ms)
{
    struct pollfd fds[SERVICES + 1];
    for (int i = 0; i < SERVICES; i++)
        fds[i] = (struct pollfd){children[i].pid ? children[i].lines.fd : -1, POLLIN, 0};
    fds[SERVICES] = (struct pollfd){signals, POLLIN, 0};
    if (poll(fds, SERVICES + 1, timeout_ms) <= 0) return;
    for (int i = 0; i < SERVICES; i++)
        if (fds[i].revents) lines_take(&children[i].lines);
}

// True once somebody asked us to stop.
static bool asked_to_stop(int signals)
{
    struct signalfd_siginfo info;
    bool stop = false;
    while (read(signals, &info, sizeof info) == sizeof info) stop |= info.ssi_signo != SIGCHLD;
    return stop;
}

static void stop_child(struct child *child, int signals)
{
    int64_t deadline_ms = clock_mono_ms() + STOP_MS;
    if (!child->pid) return;
    kill(child->pid, SIGTERM);
    while (child->pid && clock_mono_ms() < deadline_ms) {
        pump(signals, TICK_MS);
        asked_to_stop(signals); // impatience is noted, not obeyed: a drain is bounded
        reap(clock_mono_ms());
    }
    if (!child->pid) return;
    say("does not stop, killed: ", child->name);
    kill(child->pid, SIGKILL);
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

// Whether a service says on its operators' port that it is ready.
static bool is_ready(const struct child *child)
{
    char url[512];
    struct http_reply reply;
    struct err err;
    const char *address = getenv(child->admin_name);
    snprintf(url, sizeof url, "http://%s/readyz", address && *address ? address : child->admin);
    const struct http_request request = {.method = "GET", .url = url, .timeout_ms = 500, .max_reply_bytes = 4096};
    if (!child->pid || !http_do(&request, &reply, &err)) return false;
    http_reply_finish(&reply);
    return reply.status == 200;
}

static bool all_ready(void)
{
    bool ready = true;
    for (int i = 0; ready && i < SERVICES; i++) ready = is_ready(&children[i]);
    return ready;
}

static void announce(const char *address)
{
    const char *certificate = getenv("CONSE_TLS_CERT");
    fprintf(stderr,
            "\033[1mconse\033[0m    | Conse is up: \033[1mhttp%s://%s\033[0m  (documentation at /docs; Ctrl-C stops it)\n",
            certificate && *certificate ? "s" : "", address);
}

// Returns whether it ran: a service that cannot even start the first time (a port is taken, a setting is wrong) ends all.
static bool run(int signals, const char *address)
{
    bool announced = false;
    int64_t probe_ms = 0;
    while (!asked_to_stop(signals)) {
        int64_t now_ms = clock_mono_ms();
        reap(now_ms);
        if (!announced && failures) return false;
        start_due(now_ms);
        if (!announced && now_ms >= probe_ms) {
            probe_ms = now_ms + TICK_MS;
            announced = all_ready();
            if (announced) announce(address);
        }
        pump(signals, TICK_MS);
    }
    return true;
}

static bool find_folder(void)
{
    ssize_t len = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (len <= 0) return false;
    folder[len] = 0;
    *strrchr(folder, '/') = 0;
    return true;
}

int main(void)
{
    const char *address = getenv("CONSE_LISTEN");
    int signals = open_signals();
    if (!find_folder() || signals < 0) return 1;
    bool ran = run(signals, address && *address ? address : "127.0.0.1:7438");
    say("stopping", "");
    for (int i = 0; i < SERVICES; i++) stop_child(&children[i], signals);
    say("stopped", "");
    return ran ? 0 : 1;
}
