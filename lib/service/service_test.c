// The common main, run as a process of its own: the test's own program, as `service_test service [ARGUMENT]`.
#include "lib/rpc/testing/world.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/pulse.h"
#include "lib/service/service.h"

struct settings {
    int64_t seats;
};

static const struct config_var vars[] = {
    {"CONSE_TEST_SEATS", CONFIG_INT, offsetof(struct settings, seats), "10", "how many seats", 1, 100, NULL},
    {0}};

enum { SEATS_THAT_HANG = 66, SEATS_WITHOUT_PULSE = 67 };

static bool open_service(struct service *service, struct err *err)
{
    static struct gate gate;
    static struct pulse pulse;
    gate_init(&gate);
    service->context = &gate;
    const struct settings *settings = service->program->settings;
    if (settings->seats == SEATS_WITHOUT_PULSE) {
        pulse_join(&pulse, "table");
        pulse_work(&pulse, clock_mono_ms()); // and never comes round
    }
    if (settings->seats == 13) return err_fail(err, INVALID_FIELD, "not with 13 at the table");
    return true;
}

static void close_service(struct service *service)
{
    const struct settings *settings = service->program->settings;
    while (settings->seats == SEATS_THAT_HANG) pause(); // as NNG's close can
}

static void leave_service(struct service *service)
{
    (void)service;
    log_info("everybody knows");
}

static int run_service(int argc, char **argv)
{
    struct settings settings;
    const struct service_program program = {.name = "events",
                                            .summary = "a service for tests",
                                            .admin_port = 0,
                                            .vars = vars,
                                            .settings = &settings,
                                            .methods = world_methods,
                                            .open = open_service,
                                            .leave = leave_service,
                                            .close = close_service};
    return service_main(&program, argc, argv);
}

// ---- A process and its folder

struct process {
    char folder[64], data[96], address[128];
    pid_t pid;
    int out; // its stdout and stderr
    char text[8192];
};

static void process_prepare(struct process *process)
{
    *process = (struct process){0};
    test_folder_make(process->folder);
    snprintf(process->data, sizeof process->data, "%s/deep/data", process->folder);
    snprintf(process->address, sizeof process->address, "ipc://%s/run/events.ipc", process->data);
}

static void process_start(struct process *process, const char *argument, const char *variable,
                          const char *value)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    process->pid = fork();
    if (process->pid == 0) {
        setenv("CONSE_DATA", process->data, 1);
        if (variable) setenv(variable, value, 1);
        dup2(pipes[1], 1);
        dup2(pipes[1], 2);
        execl("/proc/self/exe", "service_test", "service", argument, (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    process->out = pipes[0];
}

static int process_wait(struct process *process)
{
    int status;
    size_t len = 0;
    ssize_t got;
    while ((got = read(process->out, process->text + len, sizeof process->text - 1 - len)) > 0)
        len += (size_t)got;
    process->text[len] = 0;
    close(process->out);
    assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void process_clean(const struct process *process) { test_folder_remove(process->folder); }

static int run_to_end(struct process *process, const char *argument, const char *variable, const char *value)
{
    process_prepare(process);
    process_start(process, argument, variable, value);
    int status = process_wait(process);
    process_clean(process);
    return status;
}

static void assert_says(const struct process *process, const char *part)
{
    if (!strstr(process->text, part)) fail_msg("no \"%s\" in:\n%s", part, process->text);
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 0777;
}

// ---- Tests

static void help_lists_every_variable(void **state)
{
    (void)state;
    struct process process;
    static const char *const names[] = {"CONSE_DATA",
                                        "CONSE_RUN",
                                        "CONSE_LOG_FORMAT",
                                        "CONSE_LOG_LEVEL",
                                        "CONSE_BUS_KEY",
                                        "CONSE_EVENTS_LISTEN",
                                        "CONSE_EVENTS_BUS",
                                        "CONSE_EVENTS_ADMIN",
                                        "CONSE_STORE",
                                        "CONSE_EVENTS_WORKERS",
                                        "CONSE_TEST_SEATS",
                                        "a service for tests",
                                        "CONSE_EVENTS_SLOW_LISTEN",
                                        "CONSE_EVENTS_PEERS",
                                        "CONSE_EVENTS_SLOW_PEERS",
                                        "CONSE_EVENTS_TOPICS",
                                        "CONSE_EVENTS_STORE"};
    assert_int_equal(run_to_end(&process, "--help", NULL, NULL), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) assert_says(&process, names[i]);
}

static void the_version_is_said(void **state)
{
    (void)state;
    struct process process;
    assert_int_equal(run_to_end(&process, "--version", NULL, NULL), 0);
    assert_says(&process, "conse-events 0.");
    assert_int_equal(run_to_end(&process, "--verbose", NULL, NULL), 2);
    assert_says(&process, "--help");
}

// An address that was free a moment ago.
static void find_address(char address[32])
{
    struct sockaddr_in found = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof found;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&found, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&found, &len), 0);
    snprintf(address, 32, "0.0.0.0:%u", ntohs(found.sin_port));
    close(fd);
}

static int ask_health(const char *address)
{
    struct process process;
    return run_to_end(&process, "--healthcheck", "CONSE_EVENTS_ADMIN", address);
}

static void the_program_asks_whether_it_is_ready(void **state)
{
    (void)state;
    char address[32];
    struct process process;
    find_address(address);
    assert_int_equal(ask_health(address), 1);
    process_prepare(&process);
    process_start(&process, NULL, "CONSE_EVENTS_ADMIN", address);
    while (ask_health(address) != 0)
        if (kill(process.pid, 0) != 0) fail_msg("it has ended");
    kill(process.pid, SIGTERM);
    assert_int_equal(process_wait(&process), 0);
    assert_int_equal(ask_health(address), 1);
    process_clean(&process);
    assert_int_equal(ask_health("nowhere"), 1);
}

static void a_wrong_setting_is_named_and_ends_the_start(void **state)
{
    (void)state;
    struct process process;
    static const char *const wrong[][2] = {
        {"CONSE_TEST_SEATS", "101"},       {"CONSE_LOG_FORMAT", "xml"},
        {"CONSE_BUS_KEY", "secret"},       {"CONSE_EVENTS_WORKERS", "0"},
        {"CONSE_EVENTS_ADMIN", "nowhere"}, {"CONSE_EVENTS_LISTEN", "smoke://signals"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(run_to_end(&process, NULL, wrong[i][0], wrong[i][1]), 1);
        assert_says(&process, i < 4 ? wrong[i][0] : wrong[i][1]);
    }
    assert_int_equal(run_to_end(&process, NULL, "CONSE_EVENTS_LISTEN", "tcp://127.0.0.1:17999"), 1);
    assert_says(&process, "CONSE_BUS_KEY");
    assert_int_equal(run_to_end(&process, NULL, "CONSE_TEST_SEATS", "13"), 1);
    assert_says(&process, "not with 13 at the table");
}

static void folders_and_sockets_are_closed_to_others(void **state)
{
    (void)state;
    struct process process;
    struct world world = {0};
    char run[128], socket[160];
    process_prepare(&process);
    snprintf(run, sizeof run, "%s/run", process.data);
    snprintf(socket, sizeof socket, "%s/events.ipc", run);
    process_start(&process, NULL, NULL, NULL);
    world_connect(&world, process.address, NULL);
    assert_int_equal(mode_of(process.data), 0700);
    assert_int_equal(mode_of(run), 0700);
    assert_int_equal(mode_of(socket), 0600);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    kill(process.pid, SIGINT);
    assert_int_equal(process_wait(&process), 0);
    process_clean(&process);
}

// A client counts as connected when both addresses answer.
static void slow_calls_have_an_address_of_their_own(void **state)
{
    (void)state;
    struct process process;
    struct world world = {0};
    char slow[128], peer[300];
    process_prepare(&process);
    snprintf(slow, sizeof slow, "ipc://%s/elsewhere.ipc", process.data);
    snprintf(peer, sizeof peer, "%s %s", process.address, slow);
    process_start(&process, NULL, "CONSE_EVENTS_SLOW_LISTEN", slow);
    world_connect(&world, peer, NULL);
    struct outcome outcome = {0};
    world_call(&world, "events.PutEventImage", PATIENCE_MS, &outcome);
    rpc_client_flush(world.client);
    world_wait(&world, &outcome);
    assert_true(outcome.ok);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    kill(process.pid, SIGINT);
    assert_int_equal(process_wait(&process), 0);
    process_clean(&process);
}

static void a_stop_answers_what_is_in_flight(void **state)
{
    (void)state;
    enum { CALLS = 200 };
    struct process process;
    struct world world = {0};
    static struct outcome outcomes[CALLS];
    process_prepare(&process);
    process_start(&process, NULL, NULL, NULL);
    world_connect(&world, process.address, NULL);
    for (int i = 0; i < CALLS; i++) world_call(&world, "events.GetEvent", PATIENCE_MS, &outcomes[i]);
    rpc_client_flush(world.client);
    kill(process.pid, SIGTERM);
    for (int i = 0; i < CALLS; i++) {
        world_wait(&world, &outcomes[i]); // answered, or refused, or known to be lost: never left waiting
        bool told = outcomes[i].ok || err_is(&outcomes[i].err, SERVICE_DRAINING) ||
                    err_is(&outcomes[i].err, SERVICE_AWAY);
        assert_true(told);
    }
    assert_int_equal(process_wait(&process), 0);
    assert_says(&process, "event=ready");
    assert_says(&process, "event=stopped");
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    process_clean(&process);
}

static void a_close_that_hangs_ends_the_process_all_the_same(void **state)
{
    (void)state;
    struct process process;
    struct world world = {0};
    process_prepare(&process);
    process_start(&process, NULL, "CONSE_TEST_SEATS", "66");
    world_connect(&world, process.address, NULL);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    kill(process.pid, SIGTERM);
    assert_int_equal(process_wait(&process), 0);
    assert_says(&process, "everybody knows");
    assert_says(&process, "leaving without");
    process_clean(&process);
}

// ---- systemd

enum { WATCHDOG_MS = 2000 };

// What systemd hears, for as long as its watchdog waits; "" then.
static const char *hear(int systemd)
{
    static char said[64];
    ssize_t len = recv(systemd, said, sizeof said - 1, 0);
    said[len > 0 ? len : 0] = 0;
    return said;
}

static int listen_as_systemd(struct process *process)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const struct timeval wait = {.tv_sec = WATCHDOG_MS / 1000};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/notify", process->folder);
    int systemd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(systemd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(setsockopt(systemd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), 0);
    setenv("NOTIFY_SOCKET", at.sun_path, 1);
    setenv("WATCHDOG_USEC", "100000", 1);
    setenv("CONSE_HUNG", "300ms", 1);
    return systemd;
}

static void stop_systemd(int systemd)
{
    close(systemd);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("CONSE_HUNG");
}

static void systemd_hears_of_a_process_that_lives(void **state)
{
    (void)state;
    struct process process;
    process_prepare(&process);
    int systemd = listen_as_systemd(&process);
    process_start(&process, NULL, NULL, NULL);
    const char *said;
    while (!*(said = hear(systemd)))
        if (kill(process.pid, 0) != 0) fail_msg("it has ended");
    assert_string_equal(said, "READY=1");
    for (int i = 0; i < 10; i++) assert_string_equal(hear(systemd), "WATCHDOG=1");
    kill(process.pid, SIGTERM);
    while (strcmp(said = hear(systemd), "WATCHDOG=1") == 0) continue;
    assert_string_equal(said, "STOPPING=1");
    assert_int_equal(process_wait(&process), 0);
    stop_systemd(systemd);
    process_clean(&process);
}

static void systemd_ends_a_process_that_hangs(void **state)
{
    (void)state;
    struct process process;
    char seats[8];
    snprintf(seats, sizeof seats, "%d", SEATS_WITHOUT_PULSE);
    process_prepare(&process);
    int systemd = listen_as_systemd(&process);
    process_start(&process, NULL, "CONSE_TEST_SEATS", seats);
    while (!*hear(systemd))
        if (kill(process.pid, 0) != 0) fail_msg("it has ended");
    while (*hear(systemd)) continue; // until the watchdog has waited long enough
    kill(process.pid, SIGABRT);
    assert_int_equal(process_wait(&process), -1);
    assert_says(&process, "a thread hangs");
    assert_says(&process, "thread=table");
    stop_systemd(systemd);
    process_clean(&process);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "service") == 0) return run_service(argc - 1, argv + 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_lists_every_variable),
        cmocka_unit_test(the_version_is_said),
        cmocka_unit_test(the_program_asks_whether_it_is_ready),
        cmocka_unit_test(a_wrong_setting_is_named_and_ends_the_start),
        cmocka_unit_test(folders_and_sockets_are_closed_to_others),
        cmocka_unit_test(slow_calls_have_an_address_of_their_own),
        cmocka_unit_test(a_stop_answers_what_is_in_flight),
        cmocka_unit_test(a_close_that_hangs_ends_the_process_all_the_same),
        cmocka_unit_test(systemd_hears_of_a_process_that_lives),
        cmocka_unit_test(systemd_ends_a_process_that_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
