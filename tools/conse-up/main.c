// conse-up: runs the services of this machine as one: one log, a service that dies is restarted, Ctrl-C stops
// all.
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/service/config.h"
#include "lib/service/env_file.h"
#include "lib/net/http.h"
#include "lib/base/version.h"
#include "tools/conse-up/cluster.h"
#include "tools/conse-up/plan.h"
#include "tools/conse-up/settings.h"

enum { TICK_MS = 100, WAITING_MS = 10000, DRAIN_MS = 10000, STOP_MORE_MS = 10000 };

struct up {
    struct voice voice;
    struct plan plan;
    char folder[1024]; // of the programs
    int signals;       // signalfd
    int failures;      // services that ended by a fault
    bool cluster;      // the plan's last child is a local one
};

struct options {
    int replicas;
    bool no_cluster;
};

static struct child *find_child(struct up *up, pid_t pid)
{
    for (int i = 0; i < up->plan.count; i++)
        if (up->plan.children[i].pid == pid) return &up->plan.children[i];
    return NULL;
}

static void conse_up_reap(struct up *up)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct child *child = find_child(up, pid);
        if (child && !child_ended(child, status, clock_mono_ms())) up->failures++;
    }
}

static void conse_up_pump(struct up *up)
{
    struct pollfd fds[PLAN_CHILDREN + 1];
    const int count = up->plan.count;
    for (int i = 0; i < up->plan.count; i++)
        fds[i] = (struct pollfd){up->plan.children[i].pid ? up->plan.children[i].lines.fd : -1, POLLIN, 0};
    fds[count] = (struct pollfd){up->signals, POLLIN, 0};
    if (poll(fds, (nfds_t)count + 1, TICK_MS) <= 0) return;
    for (int i = 0; i < up->plan.count; i++)
        if (fds[i].revents) lines_take(&up->plan.children[i].lines);
}

// True once somebody asked us to stop.
static bool asked_to_stop(int signals)
{
    struct signalfd_siginfo info;
    bool stop = false;
    while (read(signals, &info, sizeof info) == sizeof info) stop |= info.ssi_signo != SIGCHLD;
    return stop;
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

// ---- Stop

// A service ends by itself twice its drain time after it was asked to; only then is it killed.
static int64_t stop_limit_ms(void)
{
    const char *text = getenv("CONSE_DRAIN");
    int64_t drain_ms = DRAIN_MS;
    if (text && *text && !config_duration(text, &drain_ms)) drain_ms = DRAIN_MS;
    return 2 * drain_ms + STOP_MORE_MS;
}

static void stop_child(struct up *up, struct child *child)
{
    int64_t limit_ms = stop_limit_ms(), deadline_ms = clock_mono_ms() + limit_ms;
    if (!child->pid) return;
    child->stopping = true;
    kill(child->pid, SIGTERM);
    while (child->pid) {
        conse_up_pump(up);
        if (asked_to_stop(up->signals))
            voice_say(&up->voice, "%s finishes what it has begun, %d s at most", child->lines.name,
                      (int)(limit_ms / 1000));
        conse_up_reap(up);
        if (child->pid && clock_mono_ms() > deadline_ms) kill(child->pid, SIGKILL);
    }
}

static void stop_all(struct up *up)
{
    for (int i = 0; i < up->plan.count; i++) up->plan.children[i].comes_back = false;
    for (int i = 0; i < up->plan.count; i++) stop_child(up, &up->plan.children[i]);
}

// ---- Run

// The addresses of all gateways.
static void conse_up_announce(const struct up *up)
{
    char urls[1024];
    const char *certificate = getenv("CONSE_TLS_CERT");
    size_t len = 0;
    for (int i = 0; i < up->plan.count && *up->plan.children[i].listen; i++) {
        char url[512];
        http_listener_url(url, sizeof url, up->plan.children[i].listen, certificate && *certificate);
        len += (size_t)snprintf(urls + len, sizeof urls - len, "%s%s", len ? " " : "", url);
    }
    const struct child *last = &up->plan.children[up->plan.count - 1];
    if (up->cluster) voice_say(&up->voice, "a local Solana cluster is at http://%s", last->admin);
    voice_say(&up->voice, "Conse is up: %s  (documentation at /docs; Ctrl-C stops it)", urls);
    voice_say(&up->voice, "to lead games make an account there, then here: %s/consectl user level NAME god",
              up->folder);
}

static const struct child *find_unready(const struct up *up)
{
    for (int i = 0; i < up->plan.count; i++)
        if (!child_ready(&up->plan.children[i])) return &up->plan.children[i];
    return NULL;
}

static void start_due(struct up *up)
{
    for (int i = 0; i < up->plan.count; i++)
        child_start_due(&up->plan.children[i], up->folder, clock_mono_ms());
}

// Until every service is ready. False when one cannot even start (a port is taken, a setting is wrong), or
// when we were asked to stop; up->failures says which.
static bool bring_up(struct up *up)
{
    int64_t complain_ms = clock_mono_ms() + WAITING_MS;
    while (!asked_to_stop(up->signals)) {
        start_due(up);
        const struct child *unready = find_unready(up);
        if (!unready) return true;
        conse_up_pump(up);
        conse_up_reap(up);
        if (up->failures) return false;
        if (clock_mono_ms() < complain_ms) continue;
        voice_say(&up->voice, "still waiting until %s is ready", unready->lines.name);
        complain_ms += WAITING_MS;
    }
    return false;
}

static void keep_up(struct up *up)
{
    for (int i = 0; i < up->plan.count; i++) up->plan.children[i].comes_back = true;
    while (!asked_to_stop(up->signals)) {
        conse_up_pump(up);
        conse_up_reap(up);
        start_due(up);
    }
}

static int conse_up_run(struct up *up)
{
    if (bring_up(up)) {
        conse_up_announce(up);
        keep_up(up);
        up->failures = 0; // the service came back
    } else if (up->failures) {
        voice_say(&up->voice, "Conse cannot start; the lines above say why");
    }
    if (!up->failures) voice_say(&up->voice, "stopping");
    int before = up->failures;
    stop_all(up);
    voice_say(&up->voice, up->failures > before ? "stopped, not in order" : "stopped");
    return up->failures ? 1 : 0;
}

// ---- Start

static bool find_folder(char *folder, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", folder, size - 1);
    if (len <= 0) return false;
    folder[len] = 0;
    *strrchr(folder, '/') = 0;
    return true;
}

// The console that was built beside the programs, unless the environment names another one, or none.
static bool name_console(const char *folder)
{
    char path[1100];
    const size_t len =
        (size_t)snprintf(path, sizeof path, "%.*s/web", (int)(strrchr(folder, '/') - folder), folder);
    strcpy(path + len, "/site.json");
    if (access(path, R_OK) != 0) return true;
    path[len] = 0;
    return setenv("CONSE_CONSOLE", path, 0) == 0;
}

static bool conse_up_plan(struct up *up, const struct options *options, struct err *err)
{
    const int replicas = options->replicas;
    if (!name_console(up->folder)) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!(replicas > 1 ? plan_replicas(&up->plan, replicas, err) : plan_one(&up->plan, err))) return false;
    up->cluster = !options->no_cluster && cluster_is_wanted();
    if (up->cluster && !plan_cluster(&up->plan, up->folder, err)) return false;
    for (int i = 0; i < up->plan.count; i++) up->plan.children[i].lines.voice = &up->voice;
    return true;
}

static void conse_up_help(FILE *out)
{
    fprintf(
        out,
        "usage: conse-up [--replicas N] [--no-cluster]\n\n"
        "Runs gateway, auth, events, chain and ai as one: one log, what dies is started again, Ctrl-C "
        "stops all.\n"
        "With --replicas two gateways and N (2 to %d) of each other at one store, for trying.\n"
        "Beside them runs a local Solana cluster, for trying too, unless CONSE_SOLANA_RPC names another or "
        "--no-cluster is\n"
        "given; what it has is in CONSE_DATA/cluster.json.\n"
        "Settings come from the environment and from ./.env; each service lists its own with --help.\n"
        "Port 0 in CONSE_LISTEN or CONSE_*_ADMIN takes a free one. NO_COLOR takes the colours away.\n"
        "Exit status: 0 stopped in order, 1 a service could not start or stop, 2 wrong usage.\n",
        PLAN_REPLICAS_MOST);
    fprintf(out, "Its own settings:\n");
    config_help(conse_up_vars, out);
}

static bool take_option(int argc, char **argv, int *at, struct options *options)
{
    char *end = "";
    if (strcmp(argv[*at], "--no-cluster") == 0) return options->no_cluster = true;
    if (strcmp(argv[*at], "--replicas") != 0 || ++*at == argc) return false;
    options->replicas = (int)strtol(argv[*at], &end, 10);
    return options->replicas >= 2 && options->replicas <= PLAN_REPLICAS_MOST && !*end;
}

// True when there is something to run; else *status is the exit status.
static bool take_arguments(int argc, char **argv, struct options *options, int *status)
{
    *options = (struct options){.replicas = 1};
    *status = 0;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return printf("conse-up %s %s\n", CONSE_VERSION, CONSE_COMMIT), false;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) return conse_up_help(stdout), false;
    for (int at = 1; at < argc; at++)
        if (!take_option(argc, argv, &at, options)) return *status = 2, conse_up_help(stderr), false;
    return true;
}

int main(int argc, char **argv)
{
    struct err err;
    struct options options;
    int status;
    if (!take_arguments(argc, argv, &options, &status)) return status;
    struct up *up = calloc(1, sizeof *up);
    if (!up) return 1;
    voice_init(&up->voice);
    status = 1;
    if (!find_folder(up->folder, sizeof up->folder))
        voice_say(&up->voice, "/proc is not there");
    else if (!env_file_load(".env", &err) || !conse_up_plan(up, &options, &err))
        voice_say(&up->voice, "%s", err.message);
    else if ((up->signals = open_signals()) >= 0)
        status = conse_up_run(up);
    plan_finish(&up->plan);
    free(up);
    return status;
}
