// Where the services and their files are, by the services' own settings.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/ids.h"
#include "lib/rpc/address.h"
#include "tools/consectl/consectl.h"

static const char *place_setting(const char *service, const char *what)
{
    char name[64];
    snprintf(name, sizeof name, "CONSE_%s_%s", service, what);
    for (char *c = name; *c; c++) *c = (char)toupper((unsigned char)*c);
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static void place_address(const struct ctl *ctl, char out[PLACE], const char *service, const char *what,
                          const char *suffix)
{
    const char *given = place_setting(service, what);
    if (given)
        snprintf(out, PLACE, "%s", given);
    else
        snprintf(out, PLACE, "ipc://%s/%s%s.ipc", ctl->run_dir, service, suffix);
}

void place_listen(const struct ctl *ctl, char out[PLACE], const char *service)
{
    place_address(ctl, out, service, "LISTEN", "");
}

void place_bus(const struct ctl *ctl, char out[PLACE], const char *service)
{
    place_address(ctl, out, service, "BUS", "-bus");
}

bool place_key(const struct ctl *ctl, const char *address, uint8_t key[32], const uint8_t **found,
               struct err *err)
{
    const char *const folders[] = {ctl->data_dir, ctl->run_dir, NULL};
    const char *hex = getenv("CONSE_BUS_KEY");
    *found = NULL;
    if (!hex || !*hex) return rpc_address_check(address, NULL, folders, err);
    if (strlen(hex) != 64 || !hex_decode(key, 32, hex))
        return err_fail(err, INVALID_FIELD, "CONSE_BUS_KEY must be 64 hex digits");
    *found = key;
    return rpc_address_check(address, key, folders, err);
}

void place_store(const struct ctl *ctl, char out[PLACE], const char *service)
{
    const char *given = getenv("CONSE_STORE");
    if (given && *given && strcmp(given, "sqlite:") != 0)
        snprintf(out, PLACE, "%s", given);
    else
        snprintf(out, PLACE, "sqlite:%s/%s.db", ctl->data_dir, service);
}

bool place_has_store(const struct ctl *ctl, const char *service, struct err *err)
{
    char url[PLACE], here[512] = ".";
    place_store(ctl, url, service);
    const char *path = strncmp(url, "sqlite:", 7) == 0 ? url + 7 : NULL;
    if (!path || access(path, F_OK) == 0) return true;
    if (!getcwd(here, sizeof here)) strcpy(here, ".");
    if (strncmp(path, "./", 2) == 0) path += 2;
    return err_fail(err, NOT_FOUND,
                    "%s has stored nothing here (CONSE_DATA or --data names the folder): there is no %s%s%s",
                    service, *path == '/' ? "" : here, *path == '/' ? "" : "/", path);
}
