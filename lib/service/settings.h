// The settings that every service has, from the environment, and the addresses and folders derived from them.
#ifndef LIB_SERVICE_SETTINGS_H
#define LIB_SERVICE_SETTINGS_H

#include "lib/service/reach.h"
#include "lib/service/service.h"

enum { SERVICE_VARS = 28, SERVICE_TEXTS = 32 };

struct service_settings {
    // as in the environment
    const char *data_dir, *run_dir, *admin, *bus_key, *certificates, *master_keys;
    const char *listen, *slow_listen, *bus, *peers, *slow_peers, *topics; // read by lib/service/reach.h
    struct reach_store store;
    const char *traces_url;
    double traces_ratio;
    int log_format, log_level, sandbox;
    int64_t workers, slow_workers, slow_queue, queue, drain_ms, hung_ms;
    // as derived
    struct bus_keys *bus_keys; // NULL: none are set
    struct config_var vars[SERVICE_VARS + 1];
    size_t vars_count;
    char *texts[SERVICE_TEXTS]; // the composed ones, which live as long as the process
    size_t texts_count;
};

void service_settings_declare(struct service_settings *settings, const struct service_program *program);
// Reads the common variables and the program's own, makes the folders, and fills what the service sees of
// them.
MUST_CHECK bool service_settings_load(struct service_settings *settings, struct service *service,
                                      struct err *err);
// Reads as much of them as can be, makes nothing, and tells each fault as a line of stderr that begins with
// the program's name. Returns how many.
size_t service_settings_check(struct service_settings *settings, struct service *service);
// Reads the bus keys again; on failure they stay as they were.
MUST_CHECK bool service_settings_reload(struct service_settings *settings, struct err *err);
// The same of the program's certificate.
MUST_CHECK bool service_settings_reload_certificate(const struct service_settings *settings,
                                                    const char *service, struct err *err);
// Where others reach a service, as of reach_peers and reach_topics. NULL: an address is refused, or needs the
// key.
const char *service_settings_peers(struct service_settings *settings, const char *name, struct err *err);
const char *service_settings_topics(struct service_settings *settings, const char *name, struct err *err);

#endif
