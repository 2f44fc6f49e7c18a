#include "lib/service/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/ids.h"
#include "lib/rpc/address.h"

#define AT(field) offsetof(struct service_settings, field)

static const struct config_var common_vars[] = {
    {"CONSE_DATA", CONFIG_TEXT, AT(data_dir), "./data", "folder of the embedded stores and keys", 0, 0, NULL},
    {"CONSE_RUN", CONFIG_TEXT, AT(run_dir), "", "folder of the ipc sockets; CONSE_DATA/run when empty", 0, 0,
     NULL},
    {"CONSE_LOG_FORMAT", CONFIG_CHOICE, AT(log_format), "logfmt", "form of log lines", 0, 0, "logfmt|json"},
    {"CONSE_LOG_LEVEL", CONFIG_CHOICE, AT(log_level), "info", "lowest level logged", 0, 0,
     "debug|info|warn|error"},
    {"CONSE_BUS_KEY", CONFIG_SECRET, AT(bus_key_hex), "",
     "64 hex digits that all services share; every address but ipc:// in CONSE_DATA or CONSE_RUN needs it", 0,
     0, NULL},
    {"CONSE_DRAIN", CONFIG_DURATION, AT(drain_ms), "10s", "longest wait for calls in flight when stopping", 0,
     600000, NULL},
};
static const struct config_var admin_var = {
    "ADMIN", CONFIG_TEXT, AT(admin), NULL, "address of /livez, /readyz and /metrics", 0, 0, NULL};
static const struct config_var store_var = {
    "CONSE_STORE",
    CONFIG_TEXT,
    AT(store),
    "sqlite:",
    "where data is kept; sqlite: is one file per service in CONSE_DATA",
    0,
    0,
    NULL};
static const struct config_var server_vars[] = {
    {"LISTEN", CONFIG_TEXT, AT(listen), "", "where calls are answered; ipc in CONSE_RUN when empty", 0, 0,
     NULL},
    {"BUS", CONFIG_TEXT, AT(bus), "", "where topics are published; ipc in CONSE_RUN when empty", 0, 0, NULL},
    {"WORKERS", CONFIG_INT, AT(workers), "2", "threads for fast calls", 1, 64, NULL},
    {"SLOW_WORKERS", CONFIG_INT, AT(slow_workers), "8", "threads for slow calls", 1, 256, NULL},
    {"QUEUE", CONFIG_INT, AT(queue), "256", "messages that may wait for a worker", 1, 65536, NULL},
};
static const struct config_var slow_queue_var = {
    "SLOW_QUEUE", CONFIG_INT, AT(slow_queue), NULL, "slow calls that may wait for a thread", 0, 1024, NULL};

static char *new_text(struct service_settings *settings)
{
    if (settings->texts_count == SERVICE_TEXTS) abort(); // more services are asked for than exist
    return settings->texts[settings->texts_count++];
}

static void own_name(char *name, const char *service, const char *what)
{
    snprintf(name, SERVICE_TEXT_BYTES, "CONSE_%s_%s", service, what);
    for (char *c = name; *c; c++) *c = (char)toupper((unsigned char)*c);
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
    char *name = new_text(settings);
    own_name(name, service, var->name);
    struct config_var *own = settings_declare(settings, var);
    own->name = name;
    return own;
}

void service_settings_declare(struct service_settings *settings, const struct service_program *program)
{
    for (size_t i = 0; i < sizeof common_vars / sizeof *common_vars; i++)
        settings_declare(settings, &common_vars[i]);
    char *admin = new_text(settings);
    snprintf(admin, SERVICE_TEXT_BYTES, "127.0.0.1:%u", program->admin_port);
    declare_own(settings, program->name, &admin_var)->fallback = admin;
    if (!program->methods) return;
    settings_declare(settings, &store_var);
    for (size_t i = 0; i < sizeof server_vars / sizeof *server_vars; i++)
        declare_own(settings, program->name, &server_vars[i]);
    char *slow_queue = new_text(settings);
    snprintf(slow_queue, SERVICE_TEXT_BYTES, "%u", program->slow_queue);
    declare_own(settings, program->name, &slow_queue_var)->fallback = slow_queue;
}

// Makes the folder and those above it, and closes it to others.
static bool make_folder(const char *path, struct err *err)
{
    char part[SERVICE_TEXT_BYTES];
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

// Asking again gives the same one.
static const char *same_text(struct service_settings *settings, const char *text)
{
    for (size_t i = 0; i < settings->texts_count; i++)
        if (strcmp(settings->texts[i], text) == 0) return settings->texts[i];
    return strcpy(new_text(settings), text);
}

static bool may_use(const struct service_settings *settings, const char *variable, const char *address,
                    struct err *err)
{
    const char *const folders[] = {settings->data_dir, settings->run_dir, NULL};
    const uint8_t *key = settings->has_bus_key ? settings->bus_key : NULL;
    return rpc_address_check(address, key, folders, err) || err_wrap(err, variable);
}

const char *service_settings_address(struct service_settings *settings, const char *name, const char *what,
                                     const char *suffix, struct err *err)
{
    char variable[SERVICE_TEXT_BYTES];
    own_name(variable, name, what);
    const char *given = getenv(variable);
    if (given && *given) return may_use(settings, variable, given, err) ? given : NULL;
    char address[SERVICE_TEXT_BYTES];
    snprintf(address, sizeof address, "ipc://%s/%s%s.ipc", settings->run_dir, name, suffix);
    return same_text(settings, address);
}

static bool load_bus_key(struct service_settings *settings, struct service *service, struct err *err)
{
    if (!*settings->bus_key_hex) return true;
    if (strlen(settings->bus_key_hex) != 64 || !hex_decode(settings->bus_key, 32, settings->bus_key_hex))
        return err_field(err, INVALID_FIELD, "CONSE_BUS_KEY", "CONSE_BUS_KEY must be 64 hex digits");
    service->bus_key = settings->bus_key;
    settings->has_bus_key = true;
    return true;
}

static const char *store_url(struct service_settings *settings, const char *name)
{
    if (strcmp(settings->store, "sqlite:") != 0) return settings->store;
    char *url = new_text(settings);
    snprintf(url, SERVICE_TEXT_BYTES, "sqlite:%s/%s.db", settings->data_dir, name);
    return url;
}

static bool fill_service(struct service_settings *settings, struct service *service, struct err *err)
{
    const char *name = service->program->name;
    service->data_dir = settings->data_dir;
    service->run_dir = settings->run_dir;
    if (!service->program->methods) return true;
    service->store_url = store_url(settings, name);
    service->listen = service_settings_address(settings, name, "LISTEN", "", err);
    service->bus = service->listen ? service_settings_address(settings, name, "BUS", "-bus", err) : NULL;
    return service->bus != NULL;
}

bool service_settings_load(struct service_settings *settings, struct service *service, struct err *err)
{
    const struct service_program *program = service->program;
    if (!config_load(settings->vars, settings, err)) return false;
    if (program->vars && !config_load(program->vars, program->settings, err)) return false;
    if (!*settings->run_dir) {
        char *run_dir = new_text(settings);
        snprintf(run_dir, SERVICE_TEXT_BYTES, "%s/run", settings->data_dir);
        settings->run_dir = run_dir;
    }
    if (!make_folder(settings->data_dir, err) || !make_folder(settings->run_dir, err)) return false;
    return load_bus_key(settings, service, err) && fill_service(settings, service, err);
}
