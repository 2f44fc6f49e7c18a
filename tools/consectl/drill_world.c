// Where a drill takes place: a network without anybody, a folder, settings, and the services as children.
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/replica/replica.h"
#include "tools/consectl/drill.h"
#include "tools/consectl/folder.h"

enum { START_MS = 600000, STOP_MS = 30000, PAUSE_US = 10000, LAST_WORDS = 300 };

static volatile sig_atomic_t stopped;

static void drill_on_signal(int signal)
{
    (void)signal;
    stopped = 1;
}

bool drill_is_stopped(void) { return stopped; }

// ---- The network

static bool has_outside(void)
{
    struct if_nameindex *all = if_nameindex();
    bool found = !all;
    for (struct if_nameindex *each = all; each && each->if_name; each++)
        found |= strcmp(each->if_name, "lo") != 0;
    if_freenameindex(all);
    return found;
}

static void raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && !(request.ifr_flags & IFF_UP)) {
        request.ifr_flags |= IFF_UP;
        ioctl(fd, SIOCSIFFLAGS, &request); // without it the operators' ports say so
    }
    close(fd);
}

static bool write_map(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) close(fd);
    return ok;
}

// Who may not leave the network may do so as the owner of a namespace of users, where they stay who they are.
static bool leave_as_owner(void)
{
    char users[48], groups[48];
    snprintf(users, sizeof users, "%u %u 1", geteuid(), geteuid());
    snprintf(groups, sizeof groups, "%u %u 1", getegid(), getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && write_map("/proc/self/setgroups", "deny") &&
           write_map("/proc/self/uid_map", users) && write_map("/proc/self/gid_map", groups);
}

bool drill_isolate(struct err *err)
{
    if (has_outside() && unshare(CLONE_NEWNET) != 0 && !leave_as_owner())
        return err_fail(err, SERVICE_AWAY,
                        "a drill must reach nobody, and this process may not leave the network (%s): run it "
                        "as root, or in a network of its own (PrivateNetwork=yes, --network none)",
                        strerror(errno));
    raise_loopback();
    return true;
}

// ---- Settings

// The stores of the installation have the folders where its keys are; each path may be relative.
static void note_place(struct drill *drill, const struct ctl *ctl, size_t i)
{
    char url[PLACE], *slash;
    struct err err;
    if (!place_store(ctl, url, offices[i].name, &err) || strncmp(url, "sqlite:", 7) != 0) return;
    if (!realpath(url + 7, drill->places[i])) drill->places[i][0] = 0;
    slash = strrchr(drill->places[i], '/');
    if (slash) *slash = 0;
}

static bool note_masters(struct drill *drill, struct err *err)
{
    char list[PLACE], whole[PLACE], *rest = NULL;
    size_t len = 0;
    snprintf(list, sizeof list, "%s", place_masters());
    for (char *path = strtok_r(list, ",", &rest); path; path = strtok_r(NULL, ",", &rest)) {
        if (!realpath(path, whole)) return err_errno(err, errno, path);
        len += (size_t)snprintf(drill->masters + len, sizeof drill->masters - len, "%s%s", len ? "," : "",
                                whole);
        if (len >= sizeof drill->masters)
            return err_fail(err, INVALID_FIELD, "CONSE_MASTER_KEY_FILE: too long");
    }
    return true;
}

static void forget_settings(void)
{
    for (char **each = environ; *each;) {
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*each, "="), *each);
        if (strncmp(name, "CONSE_", 6) == 0 && strcmp(name, "CONSE_BACKUP_KEY_FILE") != 0)
            unsetenv(name), each = environ;
        else
            each++;
    }
}

static void set_for(const char *service, const char *what, const char *value)
{
    char name[64] = "CONSE_";
    size_t len = strlen(name);
    for (; *service && len < 32; service++) name[len++] = (char)(*service - 'a' + 'A');
    snprintf(name + len, sizeof name - len, "_%s", what);
    setenv(name, value, 1);
}

// A folder of each service, with its store and keys.
static bool settle_service(struct drill *drill, size_t i, struct err *err)
{
    char folder[PLACE], keys[PLACE + 8], from[PLACE + 8], store[PLACE + 32];
    const char *name = offices[i].name;
    snprintf(folder, sizeof folder, "%s/%s", drill->folder, name);
    snprintf(keys, sizeof keys, "%s/keys", folder);
    if (mkdir(folder, 0700) != 0 || mkdir(keys, 0700) != 0) return err_errno(err, errno, keys);
    snprintf(store, sizeof store, "sqlite:%s/%s.db", folder, name);
    set_for(name, "STORE", store);
    set_for(name, "ADMIN", "127.0.0.1:0");
    snprintf(from, sizeof from, "%s/keys", drill->places[i][0] ? drill->places[i] : drill->data);
    return folder_copy_files(from, keys, err);
}

static bool find_programs(struct drill *drill, struct err *err)
{
    ssize_t len = readlink("/proc/self/exe", drill->programs, sizeof drill->programs - 1);
    if (len < 0) return err_errno(err, errno, "/proc/self/exe");
    drill->programs[len] = 0;
    char *slash = strrchr(drill->programs, '/');
    if (slash) *slash = 0;
    return true;
}

static void hear_signals(void)
{
    const struct sigaction action = {.sa_handler = drill_on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool drill_settle(struct drill *drill, const struct ctl *ctl, struct err *err)
{
    const char *temporary = getenv("TMPDIR");
    char path[PLACE];
    for (size_t i = 0; i < MANIFEST_PARTS; i++) note_place(drill, ctl, i);
    if (!realpath(ctl->data_dir, drill->data)) drill->data[0] = 0;
    if (!note_masters(drill, err) || !find_programs(drill, err)) return false;
    snprintf(path, sizeof path, "%s/conse-drill-XXXXXX",
             temporary && *temporary && strlen(temporary) < 40 ? temporary : "/tmp");
    if (!folder_make(path, err)) return false;
    snprintf(drill->folder, sizeof drill->folder, "%s", path);
    hear_signals();
    forget_settings();
    setenv("CONSE_RUN", drill->folder, 1);
    if (*drill->masters) setenv("CONSE_MASTER_KEY_FILE", drill->masters, 1);
    for (size_t i = 0; i < MANIFEST_PARTS; i++)
        if (!settle_service(drill, i, err)) return false;
    drill->world.data_dir = drill->world.run_dir = drill->folder;
    return true;
}

// ---- Services

static void child_path(const struct drill *drill, const char *service, char out[PLACE])
{
    snprintf(out, PLACE, "%s/%s.log", drill->folder, service);
}

static _Noreturn void child_run(const struct drill *drill, const char *service)
{
    char log[PLACE], data[PLACE], program[PLACE + 32];
    child_path(drill, service, log);
    snprintf(data, sizeof data, "%s/%s", drill->folder, service);
    snprintf(program, sizeof program, "%s/conse-%s", drill->programs, service);
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("CONSE_DATA", data, 1);
    unsetenv("CONSE_BACKUP_KEY_FILE");
    signal(SIGINT, SIG_IGN); // Ctrl-C is for who started it
    if (out < 0 || chdir(drill->folder) != 0) _exit(127);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execl(program, program, (char *)NULL);
    dprintf(STDERR_FILENO, "%s: %s\n", program, strerror(errno));
    _exit(127);
}

// The end of a log, as one line.
static void last_words(const struct drill *drill, const char *service, char out[LAST_WORDS])
{
    char path[PLACE];
    child_path(drill, service, path);
    FILE *file = fopen(path, "re");
    *out = 0;
    if (!file) return;
    while (fgets(out, LAST_WORDS, file)) {
    }
    out[strcspn(out, "\n")] = 0;
    fclose(file);
}

static bool child_has_ended(struct drill *drill, struct drill_child *child, struct err *err)
{
    char words[LAST_WORDS];
    int status;
    if (waitpid(child->pid, &status, WNOHANG) != child->pid) return false;
    child->pid = 0;
    last_words(drill, child->service, words);
    err_fail(err, SERVICE_AWAY, "conse-%s does not start on what was restored: %s", child->service, words);
    return true;
}

static bool child_wait(struct drill *drill, struct drill_child *child, struct err *err)
{
    char method[48];
    ProtobufCMessage *reply;
    const Replica__ListRequest request = REPLICA__LIST_REQUEST__INIT;
    const int64_t until_ms = clock_mono_ms() + START_MS;
    snprintf(method, sizeof method, "%s.ListReplicas", child->service);
    while (!ctl_ask_running(&drill->world, method, &request.base, &reply, err)) {
        arena_reset(&drill->world.arena);
        if (child_has_ended(drill, child, err)) return false;
        if (stopped) return err_fail(err, SERVICE_AWAY, "the drill was stopped");
        if (clock_mono_ms() > until_ms)
            return err_fail(err, SERVICE_AWAY, "conse-%s does not answer", child->service);
        usleep(PAUSE_US);
    }
    return true;
}

bool drill_start(struct drill *drill, const char *service, struct err *err)
{
    struct drill_child *child = drill->children;
    while (child->service) child++;
    child->service = service;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) child_run(drill, service);
    if (pid < 0) return err_errno(err, errno, service);
    child->pid = pid;
    return child_wait(drill, child, err);
}

static void child_end(struct drill_child *child)
{
    const int64_t until_ms = clock_mono_ms() + STOP_MS;
    while (waitpid(child->pid, NULL, WNOHANG) == 0) {
        if (clock_mono_ms() > until_ms) kill(child->pid, SIGKILL);
        usleep(PAUSE_US);
    }
    child->pid = 0;
}

void drill_clear(struct drill *drill)
{
    for (size_t i = 0; i < MANIFEST_PARTS; i++)
        if (drill->children[i].pid) kill(drill->children[i].pid, SIGTERM);
    for (size_t i = 0; i < MANIFEST_PARTS; i++)
        if (drill->children[i].pid) child_end(&drill->children[i]);
    if (*drill->folder) folder_remove(drill->folder);
    for (size_t i = 0; i < drill->events_count; i++) free(drill->events[i]);
    free(drill->events);
}
