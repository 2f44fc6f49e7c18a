#include "lib/service/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/rpc/tls/identity.h"
#include "lib/service/bus_key.h"

#define AT(field) offsetof(struct service_settings, field)

// Sanitizers need what the guard takes away.
#ifdef CONSE_SANITIZED
#define SANDBOX "off"
#else
#define SANDBOX "on"
#endif

static const struct config_var common_vars[] = {
    {"CONSE_DATA", CONFIG_TEXT, AT(data_dir), "./data", "folder of the embedded stores and keys", 0, 0, NULL},
    {"CONSE_RUN", CONFIG_TEXT, AT(run_dir), "", "folder of the ipc sockets; CONSE_DATA/run when empty", 0, 0,
     NULL},
    {"CONSE_LOG_FORMAT", CONFIG_CHOICE, AT(log_format), "logfmt", "form of log lines", 0, 0, "logfmt|json"},
    {"CONSE_LOG_LEVEL", CONFIG_CHOICE, AT(log_level), "info", "lowest level logged", 0, 0,
     "debug|info|warn|error"},
    {"CONSE_BUS_KEY", CONFIG_SECRET, AT(bus_key), "",
     "64 hex digits that all services share; every address but ipc:// in CONSE_DATA or CONSE_RUN needs it; "
     "CONSE_BUS_KEY_FILE may name a file with two, a line each: the first seals, both open; read again on "
     "SIGHUP",
     0, 0, NULL},
    {"CONSE_BUS_CERTIFICATES", CONFIG_PATH, AT(certificates), "",
     "folder of ca.crt, and of PROGRAM.crt and PROGRAM.key for each program that runs here (conse-auth, "
     "consectl), which tls+tcp:// needs beside the bus key; read again on SIGHUP",
     0, 0, NULL},
    {"CONSE_SANDBOX", CONFIG_CHOICE, AT(sandbox), SANDBOX,
     "what the program takes from itself at its start: on: files and system calls that it has no use for; "
     "log: nothing, but the kernel's log has the calls that would be refused",
     0, 0, "on|log|off"},
    {"CONSE_TRACES_URL", CONFIG_TEXT, AT(traces_url), "",
     "where spans of requests are sent, by OTLP/HTTP in JSON: http://127.0.0.1:4318/v1/traces; empty: traces "
     "are off",
     0, 0, NULL},
    {"CONSE_TRACES_RATIO", CONFIG_FLOAT, AT(traces_ratio), "0.01",
     "part of the requests that are traced; the gateway decides", 0, 1, NULL},
    {"CONSE_DRAIN", CONFIG_DURATION, AT(drain_ms), "10s", "longest wait for calls in flight when stopping", 0,
     600000, NULL},
    {"CONSE_HUNG", CONFIG_DURATION, AT(hung_ms), "30s",
     "a loop of the gateway, or a commit of an embedded store, that takes longer hangs: /livez fails then, "
     "and "
     "systemd's watchdog is told nothing",
     100, 3600000, NULL},
};
static const struct config_var admin_var = {
    "ADMIN", CONFIG_TEXT, AT(admin), NULL, "address of /livez, /readyz and /metrics", 0, 0, NULL};
static const struct config_var master_var = {"CONSE_MASTER_KEY_FILE",
                                             CONFIG_PATH,
                                             AT(master_keys),
                                             "",
                                             "files of master keys, by commas: the store keeps the services' "
                                             "keys, sealed by the first; none: files in "
                                             "CONSE_DATA/keys",
                                             0,
                                             0,
                                             NULL};
static const struct config_var server_vars[] = {
    {"LISTEN", CONFIG_TEXT, AT(listen), "", "where calls are answered; ipc in CONSE_RUN when empty", 0, 0,
     NULL},
    {"SLOW_LISTEN", CONFIG_TEXT, AT(slow_listen), "",
     "where slow calls are answered; beside LISTEN when empty: the next port, or NAME-slow.ipc", 0, 0, NULL},
    {"BUS", CONFIG_TEXT, AT(bus), "", "where topics are published; ipc in CONSE_RUN when empty", 0, 0, NULL},
    {"PEERS", CONFIG_TEXT, AT(peers), "",
     "where others call it, joined by commas; tcp://name:port is all addresses of the name; LISTEN when "
     "empty",
     0, 0, NULL},
    {"SLOW_PEERS", CONFIG_TEXT, AT(slow_peers), "",
     "where others make slow calls, one for each of PEERS and at its host; beside PEERS when empty", 0, 0,
     NULL},
    {"TOPICS", CONFIG_TEXT, AT(topics), "", "where others hear its topics, as PEERS; BUS when empty", 0, 0,
     NULL},
    {"WORKERS", CONFIG_INT, AT(workers), "2",
     "threads for fast calls; at a shared store 8 at least, because they wait for it", 1, 64, NULL},
    {"SLOW_WORKERS", CONFIG_INT, AT(slow_workers), "8", "threads for slow calls", 1, 256, NULL},
    {"QUEUE", CONFIG_INT, AT(queue), "256", "messages that may wait for a worker", 1, 65536, NULL},
};
static const struct config_var slow_queue_var = {
    "SLOW_QUEUE", CONFIG_INT, AT(slow_queue), NULL, "slow calls that may wait for a thread", 0, 1024, NULL};

// Composes a text that stays. The same text asked for again is the same one.
__attribute__((format(printf, 2, 3))) static const char *settings_text(struct service_settings *settings,
                                                                       const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) abort();
    va_end(args);
    for (size_t i = 0; i < settings->texts_count; i++)
        if (strcmp(settings->texts[i], text) == 0) return free(text), settings->texts[i];
    if (settings->texts_count == SERVICE_TEXTS) abort(); // more services are asked for than exist
    return settings->texts[settings->texts_count++] = text;
}

static struct config_var *settings_declare(struct service_settings *settings, const struct config_var *var)
{
    if (settings->vars_count == SERVICE_VARS) abort();
    settings->vars[settings->vars_count] = *var;
    return &settings->vars[settings->vars_count++];
}

static struct config_var *declare_own(struct service_settings *settings, const char *service,
                                      const struct config_var *var)
{
    char upper[32];
    size_t len = (size_t)snprintf(upper, sizeof upper, "%s", service);
    for (size_t i = 0; i < len; i++) upper[i] = (char)toupper((unsigned char)upper[i]);
    struct config_var *own = settings_declare(settings, var);
    own->name = settings_text(settings, "CONSE_%s_%s", upper, var->name);
    return own;
}

void service_settings_declare(struct service_settings *settings, const struct service_program *program)
{
    for (size_t i = 0; i < sizeof common_vars / sizeof *common_vars; i++)
        settings_declare(settings, &common_vars[i]);
    declare_own(settings, program->name, &admin_var)->fallback =
        settings_text(settings, "127.0.0.1:%u", program->admin_port);
    if (!program->methods) return;
    settings_declare(settings, &reach_store_vars[0])->offset += AT(store);
    declare_own(settings, program->name, &reach_store_vars[1])->offset += AT(store);
    settings_declare(settings, &master_var);
    for (size_t i = 0; i < sizeof server_vars / sizeof *server_vars; i++)
        declare_own(settings, program->name, &server_vars[i]);
    declare_own(settings, program->name, &slow_queue_var)->fallback =
        settings_text(settings, "%u", program->slow_queue);
}

// Makes the folder and those above it, and closes it to others.
static bool make_folder(const char *path, struct err *err)
{
    char part[512];
    int len = snprintf(part, sizeof part, "%s", path);
    if (len < 1 || (size_t)len >= sizeof part)
        return err_fail(err, INVALID_FIELD, "the folder's path is too long");
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(part, 0700) != 0 && errno != EEXIST) return err_errno(err, errno, part);
        *slash = '/';
    }
    if (mkdir(part, 0700) != 0 && errno != EEXIST) return err_errno(err, errno, part);
    return chmod(part, 0700) == 0 || err_errno(err, errno, part);
}

static struct reach settings_reach(const struct service_settings *settings)
{
    return (struct reach){settings->data_dir, settings->run_dir, settings->bus_keys != NULL};
}

const char *service_settings_peers(struct service_settings *settings, const char *name, struct err *err)
{
    char text[REACH_BYTES];
    const struct reach reach = settings_reach(settings);
    return reach_peers(&reach, name, text, sizeof text, err) ? settings_text(settings, "%s", text) : NULL;
}

const char *service_settings_topics(struct service_settings *settings, const char *name, struct err *err)
{
    char text[REACH_BYTES];
    const struct reach reach = settings_reach(settings);
    return reach_topics(&reach, name, text, sizeof text, err) ? settings_text(settings, "%s", text) : NULL;
}

static bool load_bus_keys(struct service_settings *settings, struct service *service, struct err *err)
{
    struct bus_key_list list;
    if (!bus_key_find(&list, err)) return false;
    if (!list.count) return true;
    service->bus_keys = settings->bus_keys = bus_keys_create(&list);
    bus_key_list_forget(&list);
    return service->bus_keys || err_fail(err, INTERNAL_ERROR, "out of memory");
}

bool service_settings_reload(struct service_settings *settings, struct err *err)
{
    struct bus_key_list list;
    if (!settings->bus_keys) return true;
    if (!bus_key_find(&list, err)) return false;
    if (!list.count) return err_fail(err, INVALID_FIELD, "CONSE_BUS_KEY_FILE has no key");
    bus_keys_set(settings->bus_keys, &list);
    bus_key_list_forget(&list);
    return true;
}

bool service_settings_reload_certificate(const struct service_settings *settings, const char *service,
                                         struct err *err)
{
    char program[IDENTITY_NAME];
    if (!*settings->certificates) return true;
    rpc_identity_name(program, service);
    return rpc_identity_load(settings->certificates, program, err) || err_wrap(err, "CONSE_BUS_CERTIFICATES");
}

static bool load_secrets(struct service_settings *settings, struct service *service, struct err *err)
{
    return load_bus_keys(settings, service, err) &&
           service_settings_reload_certificate(settings, service->program->name, err);
}

static const char *own_address(struct service_settings *settings, const char *name, const char *what,
                               struct err *err)
{
    char text[REACH_BYTES];
    const struct reach reach = settings_reach(settings);
    return reach_own(&reach, name, what, text, sizeof text, err) ? settings_text(settings, "%s", text) : NULL;
}

static bool fill_store(struct service_settings *settings, struct service *service, struct err *err)
{
    char url[REACH_BYTES];
    const struct reach reach = settings_reach(settings);
    if (!reach_store_url(&reach, &settings->store, service->program->name, url, sizeof url, err))
        return false;
    service->store_url = settings_text(settings, "%s", url);
    return true;
}

static bool fill_service(struct service_settings *settings, struct service *service, struct err *err)
{
    const char *name = service->program->name;
    service->data_dir = settings->data_dir;
    service->run_dir = settings->run_dir;
    if (!service->program->methods) return true;
    if (!fill_store(settings, service, err)) return false;
    service->master_keys = settings->master_keys;
    service->listen = own_address(settings, name, "LISTEN", err);
    service->bus = service->listen ? own_address(settings, name, "BUS", err) : NULL;
    if (!service->bus) return false;
    char self[REACH_BYTES];
    reach_self(service->listen, self, sizeof self);
    service->self = settings_text(settings, "%s", self);
    if (!*settings->slow_listen) return true;
    service->slow_listen = own_address(settings, name, "SLOW_LISTEN", err);
    return service->slow_listen != NULL;
}

static void settle_run_dir(struct service_settings *settings)
{
    if (!*settings->run_dir) settings->run_dir = settings_text(settings, "%s/run", settings->data_dir);
}

size_t service_settings_check(struct service_settings *settings, struct service *service)
{
    const struct service_program *program = service->program;
    char before[32];
    struct err err;
    snprintf(before, sizeof before, "conse-%s", program->name);
    size_t wrong = config_load_all(settings->vars, settings, before, stderr);
    if (program->vars) wrong += config_load_all(program->vars, program->settings, before, stderr);
    if (wrong) return wrong; // addresses follow from these
    settle_run_dir(settings);
    if (load_secrets(settings, service, &err) && fill_service(settings, service, &err)) return 0;
    fprintf(stderr, "%s: %s\n", before, err.message);
    return 1;
}

bool service_settings_load(struct service_settings *settings, struct service *service, struct err *err)
{
    const struct service_program *program = service->program;
    if (!config_load(settings->vars, settings, err)) return false;
    if (program->vars && !config_load(program->vars, program->settings, err)) return false;
    settle_run_dir(settings);
    if (!make_folder(settings->data_dir, err) || !make_folder(settings->run_dir, err)) return false;
    return load_secrets(settings, service, err) && fill_service(settings, service, err);
}
