// The settings that every service has, from the environment, and the addresses and folders derived from them.
#ifndef LIB_SERVICE_SETTINGS_H
#define LIB_SERVICE_SETTINGS_H

#include "lib/service/service.h"

enum { SERVICE_VARS = 16, SERVICE_TEXTS = 24, SERVICE_TEXT_BYTES = 512 };

struct service_settings {
    // as in the environment
    const char *data_dir, *run_dir, *store, *listen, *bus, *admin, *bus_key_hex;
    int log_format, log_level;
    int64_t workers, slow_workers, slow_queue, queue, drain_ms;
    // as derived
    uint8_t bus_key[32];
    bool has_bus_key;
    struct config_var vars[SERVICE_VARS + 1];
    size_t vars_count;
    char texts[SERVICE_TEXTS][SERVICE_TEXT_BYTES]; // holds the composed texts
    size_t texts_count;
};

void service_settings_declare(struct service_settings *settings, const struct service_program *program);
// Reads the common variables and the program's own, makes the folders, and fills what the service sees of
// them.
MUST_CHECK bool service_settings_load(struct service_settings *settings, struct service *service,
                                      struct err *err);
// CONSE_AUTH_LISTEN or ipc://RUN/auth.ipc for ("auth", "LISTEN", ""), ipc://RUN/auth-bus.ipc for ("auth",
// "BUS", "-bus"). NULL: the variable's address is refused, or needs the key.
const char *service_settings_address(struct service_settings *settings, const char *name, const char *what,
                                     const char *suffix, struct err *err);

#endif
