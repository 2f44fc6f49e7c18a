#include "lib/service/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/heap.h"
#include "lib/bus/consumer.h"
#include "lib/rpc/bus_keys.h"
#include "lib/rpc/tls/identity.h"
#include "lib/service/admin.h"
#include "lib/base/log.h"
#include "lib/base/log_level.h"
#include "lib/base/pulse.h"
#include "lib/base/skew.h"
#include "lib/net/http.h"
#include "lib/net/peers.h"
#include "lib/trace/export.h"
#include "lib/service/measures.h"
#include "lib/service/places.h"
#include "lib/service/supervisor.h"
#include "lib/service/settings.h"
#include "lib/base/version.h"

enum { CLOSE_S = 5, HEALTH_MS = 3000, HEALTH_BYTES = 1024, STATUS_USAGE = 2, STATUS_SETTINGS = 2 };

// What service_main knows beyond what the service sees.
struct running {
    struct service service;
    struct service_settings settings;
    struct rpc_server *server;
    struct admin *admin;
    int signals; // signalfd
    bool hangs;  // which was logged
    atomic_bool started;
};

static struct running *running_of(struct service *service)
{
    return (struct running *)((char *)service - offsetof(struct running, service));
}

const char *service_peers_of(struct service *service, const char *name, struct err *err)
{
    return service_settings_peers(&running_of(service)->settings, name, err);
}

const char *service_topics_of(struct service *service, const char *name, struct err *err)
{
    return service_settings_topics(&running_of(service)->settings, name, err);
}

void service_quit(struct service *service)
{
    (void)service;
    kill(getpid(), SIGTERM); // blocked in every thread, so it arrives at the signalfd
}

static bool is_live(void *arg)
{
    const struct running *running = arg;
    return !pulse_find_hung(running->settings.hung_ms);
}

static bool is_ready(void *arg)
{
    struct running *running = arg;
    const struct service_program *program = running->service.program;
    return atomic_load(&running->started) && is_live(running) && !skew_is_off() &&
           (!program->ready || program->ready(&running->service));
}

static const char *note_of(void *arg)
{
    struct running *running = arg;
    const struct service_program *program = running->service.program;
    if (skew_is_off()) return "the clock is off by more than half a second";
    return program->note && atomic_load(&running->started) ? program->note(&running->service) : NULL;
}

bool service_is_ready(void *service) { return is_ready(running_of(service)); }

static void print_help(const struct running *running)
{
    const struct service_program *program = running->service.program;
    printf("conse-%s: %s\n\nIt takes no arguments but --help, --version, --check, which tells the settings "
           "in force "
           "and what is wrong with them, --healthcheck, which asks the one "
           "that runs here whether it is ready, and --self-test-sandbox, which tries what is refused to it. "
           "It is "
           "set up by environment variables:\n\n",
           program->name, program->summary);
    config_help(running->settings.vars, stdout);
    if (program->vars) config_help(program->vars, stdout);
}

static bool is_healthy(const char *admin, struct err *err)
{
    char base[300], url[320];
    struct http_reply reply;
    http_listener_url(base, sizeof base, admin, false);
    snprintf(url, sizeof url, "%s/readyz", base);
    const struct http_request request = {
        .method = "GET", .url = url, .timeout_ms = HEALTH_MS, .max_reply_bytes = HEALTH_BYTES};
    if (!http_do(&request, &reply, err)) return false;
    http_reply_finish(&reply);
    return reply.status == 200 || err_fail(err, SERVICE_AWAY, "it is not ready");
}

// For who looks after a container: nothing but the program is needed in it.
static int ask_health(struct running *running)
{
    struct err err;
    if (config_load(running->settings.vars, &running->settings, &err) &&
        is_healthy(running->settings.admin, &err))
        return 0;
    fprintf(stderr, "conse-%s: %s\n", running->service.program->name, err.message);
    return 1;
}

// What it takes from itself is gone from here on; no thread may have started.
static bool service_guard(struct running *running, struct err *err)
{
    struct places places;
    bool ok = places_find(&places, &running->settings, &running->service, err), fenced = false;
    const struct guard_options options = {running->service.program->name, places.all, places.count};
    enum guard_mode mode = (enum guard_mode)running->settings.sandbox;
    ok = ok && guard_start(mode, &options, &fenced, err);
    places_finish(&places);
    if (ok && mode == GUARD_ON && !fenced) log_warn("this kernel has no Landlock: files are not guarded");
    if (ok && mode == GUARD_LOG) log_warn("the sandbox refuses nothing: CONSE_SANDBOX is log");
    return ok;
}

static bool try_all(struct running *running, struct err *err)
{
    struct places places;
    char foreign[] = "/tmp/conse-foreign-XXXXXX";
    int fd = mkstemp(foreign);
    if (fd < 0) return err_errno(err, errno, foreign);
    close(fd);
    bool ok = service_settings_load(&running->settings, &running->service, err) &&
              places_find(&places, &running->settings, &running->service, err);
    const struct guard_options options = {running->service.program->name, places.all, places.count};
    if (ok && !guard_try(&options, foreign)) ok = err_fail(err, INTERNAL_ERROR, "not all of it is refused");
    unlink(foreign);
    return ok;
}

static int test_sandbox(struct running *running)
{
    struct err err;
    if (try_all(running, &err)) return 0;
    fprintf(stderr, "conse-%s: %s\n", running->service.program->name, err.message);
    return 1;
}

static bool service_knows(const struct service_program *program)
{
    char before[32];
    snprintf(before, sizeof before, "conse-%s", program->name);
    return !program->programs || known_check(program->programs, before, stderr);
}

static void show_settings(const struct running *running, FILE *out)
{
    config_show(running->settings.vars, out);
    if (running->service.program->vars) config_show(running->service.program->vars, out);
}

// The settings as they are in force, without starting anything.
static int check_settings(struct running *running)
{
    const struct service_program *program = running->service.program;
    bool known = service_knows(program);
    size_t wrong = service_settings_check(&running->settings, &running->service);
    bus_keys_destroy(running->settings.bus_keys);
    rpc_identity_unload();
    if (!known || wrong) return STATUS_SETTINGS;
    show_settings(running, stdout);
    return 0;
}

static bool note_settings(struct running *running, struct err *err)
{
    size_t len;
    FILE *text = open_memstream(&running->service.config, &len);
    if (!text) return err_fail(err, INTERNAL_ERROR, "out of memory");
    show_settings(running, text);
    return fclose(text) == 0 || err_fail(err, INTERNAL_ERROR, "out of memory");
}

static int refuse_arguments(const char *name)
{
    fprintf(stderr, "conse-%s takes only --help, --version, --check, --healthcheck and --self-test-sandbox\n",
            name);
    return STATUS_USAGE;
}

// True when the program has done what the arguments ask for; then *status is its exit status.
static bool take_arguments(struct running *running, int argc, char **argv, int *status)
{
    const char *name = running->service.program->name;
    *status = 0;
    if (argc < 2) return false;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        print_help(running);
    else if (argc == 2 && strcmp(argv[1], "--version") == 0)
        printf("conse-%s %s %s\n", name, CONSE_VERSION, CONSE_COMMIT);
    else if (argc == 2 && strcmp(argv[1], "--healthcheck") == 0)
        *status = ask_health(running);
    else if (argc == 2 && strcmp(argv[1], "--check") == 0)
        *status = check_settings(running);
    else if (argc == 2 && strcmp(argv[1], "--self-test-sandbox") == 0)
        *status = test_sandbox(running);
    else
        *status = refuse_arguments(name);
    return true;
}

// Before any thread starts, so that all of them leave these signals to the signalfd.
static bool block_signals(struct running *running, struct err *err)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    running->signals = signalfd(-1, &set, SFD_CLOEXEC);
    return running->signals >= 0 || err_fail(err, INTERNAL_ERROR, "cannot open a signalfd");
}

static bool start_server(struct running *running, struct err *err)
{
    const struct service *service = &running->service;
    if (!service->program->methods) return true;
    struct rpc_server_options options = {.name = service->program->name,
                                         .methods = service->program->methods,
                                         .service = service->context,
                                         .store = service->store,
                                         .address = service->listen,
                                         .slow_address = service->slow_listen,
                                         .workers = (uint32_t)running->settings.workers,
                                         .slow_workers = (uint32_t)running->settings.slow_workers,
                                         .slow_queue = (uint32_t)running->settings.slow_queue,
                                         .queue = (uint32_t)running->settings.queue,
                                         .bus_keys = service->bus_keys,
                                         .metrics = service->metrics};
    return rpc_server_start(&running->server, &options, err);
}

static bool start_admin(struct running *running, struct err *err)
{
    struct admin_options options = {
        running->settings.admin, running->service.metrics, is_ready, is_live, running, note_of};
    return admin_start(&running->admin, &options, err);
}

static bool service_start(struct running *running, struct err *err)
{
    struct service *service = &running->service;
    const struct traces_options traces = {service->program->name, running->settings.traces_url,
                                          running->settings.traces_ratio, service->metrics};
    if (!start_admin(running, err) || !traces_start(&traces, err) || !service->program->open(service, err))
        return false;
    if (start_server(running, err)) {
        atomic_store(&running->started, true);
        return true;
    }
    service->program->close(service);
    return false;
}

// systemd, where it waits for that, ends a process that it does not hear of.
static void tell_life(struct running *running)
{
    const char *hung = pulse_find_hung(running->settings.hung_ms);
    if (!hung)
        supervisor_tell("WATCHDOG=1");
    else if (!running->hangs)
        log_error("a thread hangs", F_STR("thread", hung));
    running->hangs = hung != NULL;
}

// The next signal; looks after the heap and tells of life meanwhile. False: it cannot be read.
static bool next_signal(struct running *running, struct signalfd_siginfo *signal)
{
    struct pollfd signals = {.fd = running->signals, .events = POLLIN};
    struct heap heap = {0};
    int64_t told_every_ms = supervisor_pause_ms(), heap_ms = 0;
    int pause = told_every_ms && told_every_ms < HEAP_PAUSE_MS ? (int)told_every_ms : HEAP_PAUSE_MS;
    while (poll(&signals, 1, pause) == 0) {
        tell_life(running);
        if (clock_mono_ms() - heap_ms < HEAP_PAUSE_MS) continue;
        heap_ms = clock_mono_ms();
        heap_tend(&heap, heap_ms);
    }
    return read(running->signals, signal, sizeof *signal) == (ssize_t)sizeof *signal;
}

static void service_reload(struct running *running)
{
    struct err err;
    if (!service_settings_reload(&running->settings, &err))
        log_err(LOG_ERROR, "the bus keys stay as they were", &err);
    else if (running->settings.bus_keys)
        log_info("bus keys read again");
    if (!service_settings_reload_certificate(&running->settings, running->service.program->name, &err))
        log_err(LOG_ERROR, "the certificate of the bus stays as it was", &err);
    else if (rpc_identity_is_loaded())
        log_info("certificate of the bus read again");
    if (running->service.program->reload) running->service.program->reload(&running->service);
}

static void set_log_level(enum log_level level)
{
    if (log_get_level() > LOG_INFO) log_set_level(LOG_INFO); // so that this is told
    log_info("log level", F_STR("to", log_level_name(level)));
    log_set_level(level);
}

// SIGUSR1: one level more is logged. SIGUSR2: as the setting says again.
static bool take_signal(struct running *running, uint32_t signal)
{
    enum log_level level = log_get_level();
    if (signal == SIGHUP) return service_reload(running), true;
    if (signal == SIGUSR1) return set_log_level(level > LOG_DEBUG ? level - 1 : LOG_DEBUG), true;
    if (signal == SIGUSR2) return set_log_level((enum log_level)running->settings.log_level), true;
    return false;
}

static void service_serve(struct running *running)
{
    struct signalfd_siginfo signal;
    while (next_signal(running, &signal) && take_signal(running, signal.ssi_signo)) continue;
}

// Every accepted call has been answered, and every answer is stored.
static void leave_unclosed(int signal)
{
    static const char text[] = "NNG does not let itself be closed: leaving without\n";
    (void)signal;
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(0);
}

static void bound_close(void)
{
    signal(SIGALRM, leave_unclosed);
    alarm(CLOSE_S);
}

// Not ready, no new work, what is in flight ends, threads are joined, NNG is closed.
static void service_stop(struct running *running)
{
    struct service *service = &running->service;
    int64_t until_ms = clock_mono_ms() + running->settings.drain_ms;
    atomic_store(&running->started, false);
    log_info("stopping");
    supervisor_tell("STOPPING=1");
    alarm((unsigned)(running->settings.drain_ms / 1000) * 2 + CLOSE_S);
    if (running->server) rpc_server_drain(running->server, running->settings.drain_ms);
    if (service->program->drain) service->program->drain(service, running->settings.drain_ms);
    if (service->program->leave) service->program->leave(service);
    traces_stop(until_ms - clock_mono_ms());
    bound_close(); // NNG 1.5.2 can hang in it
    rpc_server_stop(running->server);
    admin_stop(running->admin); // it may be asking whether the service is ready
    running->admin = NULL;
    service->program->close(service);
}

static double count_left_out(void *arg)
{
    (void)arg;
    return peers_left_out();
}

static double consumers_lag_s(void *arg)
{
    (void)arg;
    return (double)bus_consumers_lag_ms() / 1000;
}

static double certificate_end_s(void *arg)
{
    (void)arg;
    return (double)rpc_identity_ends_s();
}

static bool service_prepare(struct running *running, struct err *err)
{
    umask(077);
    heap_init();
    if (sodium_init() < 0) return err_fail(err, INTERNAL_ERROR, "libsodium does not start");
    if (!service_settings_load(&running->settings, &running->service, err)) return false;
    log_init(running->service.program->name, (enum log_level)running->settings.log_level,
             running->settings.log_format == 1);
    if (!note_settings(running, err) || !service_guard(running, err)) return false;
    running->service.metrics = metrics_create();
    if (!running->service.metrics) return err_fail(err, INTERNAL_ERROR, "out of memory");
    measures_add(running->service.metrics);
    metrics_watch(running->service.metrics, "conse_peers_left_out",
                  "Peers beyond the 64 that a client can use.", count_left_out, NULL);
    if (running->service.program->methods)
        metrics_watch(running->service.metrics, "conse_consumer_lag_seconds",
                      "Since what it follows of other services was applied as far as it was known; of the "
                      "stream that is furthest behind.",
                      consumers_lag_s, NULL);
    if (rpc_identity_is_loaded())
        metrics_watch(running->service.metrics, "conse_bus_certificate_end_timestamp_seconds",
                      "When the certificate for other services ends, since 1970.", certificate_end_s, NULL);
    return block_signals(running, err);
}

static void log_started(struct running *running)
{
    char admin[16];
    snprintf(admin, sizeof admin, "%u", admin_port(running->admin));
    log_info("ready", F_STR("version", CONSE_VERSION), F_STR("admin_port", admin),
             F_STR("listen", running->service.listen ? running->service.listen : ""));
}

static int service_run(struct running *running)
{
    struct err err = {0};
    bool ok = service_prepare(running, &err) && service_start(running, &err);
    if (ok) {
        log_started(running);
        supervisor_tell("READY=1");
        service_serve(running);
        service_stop(running);
        log_info("stopped");
    } else {
        fprintf(stderr, "conse-%s: %s\n", running->service.program->name, err.message);
    }
    admin_stop(running->admin);
    rpc_finish();
    traces_finish();
    metrics_destroy(running->service.metrics);
    free(running->service.config);
    bus_keys_destroy(running->settings.bus_keys);
    rpc_identity_unload();
    return ok ? 0 : 1;
}

int service_main(const struct service_program *program, int argc, char **argv)
{
    static struct running running; // one service is one process
    int status;
    running.service.program = program;
    service_settings_declare(&running.settings, program);
    if (take_arguments(&running, argc, argv, &status)) return status;
    return service_knows(program) ? service_run(&running) : STATUS_SETTINGS;
}
