#include "tools/conse-up/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/net/http.h"

enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 5000, STEADY_MS = 10000, PROBE_MS = 500, PROBE_BYTES = 4096 };

static _Noreturn void child_become(const struct child *child, const char *folder, int out)
{
    char path[1200], *arguments[CHILD_WORDS + 2] = {path};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); // Ctrl-C comes to us; we stop the services in order
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    for (int i = 0; i < child->told_count; i++) putenv(child->told[i]);
    memcpy(arguments + 1, child->words, sizeof child->words);
    snprintf(path, sizeof path, "%s/conse-%s", folder, child->program);
    execv(path, arguments);
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    _exit(127);
}

static bool child_start(struct child *child, const char *folder)
{
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) return false;
    pid_t pid = fork();
    if (pid == 0) child_become(child, folder, pipes[1]);
    close(pipes[1]);
    if (pid < 0) return close(pipes[0]), false;
    lines_open(&child->lines, pipes[0]);
    child->pid = pid;
    return true;
}

void child_start_due(struct child *child, const char *folder, int64_t now_ms)
{
    if (child->pid || child->start_at_ms > now_ms) return;
    child->started_ms = now_ms;
    if (child_start(child, folder)) return;
    child->start_at_ms = now_ms + LONGEST_PAUSE_MS;
    voice_say(child->lines.voice, "%s cannot be started: %s", child->lines.name, strerror(errno));
}

static int64_t pause_after(int deaths)
{
    int64_t pause_ms = FIRST_PAUSE_MS;
    while (--deaths > 0 && pause_ms < LONGEST_PAUSE_MS) pause_ms *= 2;
    return pause_ms < LONGEST_PAUSE_MS ? pause_ms : LONGEST_PAUSE_MS;
}

// SIGTERM kills a service that does not wait for it yet.
static bool is_orderly(int status)
{
    return WIFSIGNALED(status) ? WTERMSIG(status) == SIGTERM : WEXITSTATUS(status) == 0;
}

static void say_ended(const struct child *child, int status, double pause_s)
{
    char how[64], next[96] = "";
    if (child->stopping && is_orderly(status))
        snprintf(how, sizeof how, "stopped");
    else if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "was killed by signal %d", WTERMSIG(status));
    else
        snprintf(how, sizeof how, "ended with status %d", WEXITSTATUS(status));
    if (child->comes_back && child->deaths > 1)
        snprintf(next, sizeof next, ", the %d. time in a row; starts again in %.1f s", child->deaths,
                 pause_s);
    else if (child->comes_back)
        snprintf(next, sizeof next, "; starts again in %.1f s", pause_s);
    voice_say(child->lines.voice, "%s %s%s", child->lines.name, how, next);
}

bool child_ended(struct child *child, int status, int64_t now_ms)
{
    bool steady = now_ms - child->started_ms > STEADY_MS;
    lines_drain(&child->lines);
    lines_close(&child->lines);
    child->pid = 0;
    child->deaths = steady ? 1 : child->deaths + 1;
    int64_t pause_ms = pause_after(child->deaths);
    child->start_at_ms = now_ms + pause_ms;
    say_ended(child, status, (double)pause_ms / 1000);
    return is_orderly(status);
}

bool child_ready(const struct child *child)
{
    char url[512];
    struct http_reply reply;
    struct err err;
    http_listener_url(url, sizeof url - 16, child->admin, false);
    strcat(url, child->probe);
    const struct http_request request = {
        .method = "GET", .url = url, .timeout_ms = PROBE_MS, .max_reply_bytes = PROBE_BYTES};
    if (!child->pid || !http_do(&request, &reply, &err)) return false;
    http_reply_finish(&reply);
    return reply.status == 200;
}
