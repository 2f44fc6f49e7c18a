// Where the services and their files are, by the services' own settings.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/ids.h"
#include "tools/consectl/consectl.h"

bool place_key(uint8_t key[32], const uint8_t **found, struct err *err)
{
    const char *hex = getenv("CONSE_BUS_KEY");
    *found = NULL;
    if (!hex || !*hex) return true;
    if (strlen(hex) != 64 || !hex_decode(key, 32, hex))
        return err_fail(err, INVALID_FIELD, "CONSE_BUS_KEY must be 64 hex digits");
    *found = key;
    return true;
}

// key: the caller's memory for the key.
static bool place_reach(const struct ctl *ctl, uint8_t key[32], struct reach *reach, struct err *err)
{
    *reach = (struct reach){.data_dir = ctl->data_dir, .run_dir = ctl->run_dir};
    return place_key(key, &reach->bus_key, err);
}

bool place_peers(const struct ctl *ctl, char out[PLACE], const char *service, struct err *err)
{
    uint8_t key[32];
    struct reach reach;
    return place_reach(ctl, key, &reach, err) && reach_peers(&reach, service, out, PLACE, err);
}

bool place_topics(const struct ctl *ctl, char out[PLACE], const char *service, struct err *err)
{
    uint8_t key[32];
    struct reach reach;
    return place_reach(ctl, key, &reach, err) && reach_topics(&reach, service, out, PLACE, err);
}

bool place_store(const struct ctl *ctl, char out[PLACE], const char *service, struct err *err)
{
    const struct reach reach = {.data_dir = ctl->data_dir, .run_dir = ctl->run_dir};
    return reach_store_find(&reach, service, out, PLACE, err);
}

bool place_has_store(const struct ctl *ctl, const char *service, struct err *err)
{
    char url[PLACE], here[512] = ".";
    if (!place_store(ctl, url, service, err)) return false;
    const char *path = strncmp(url, "sqlite:", 7) == 0 ? url + 7 : NULL;
    if (!path || access(path, F_OK) == 0) return true;
    if (!getcwd(here, sizeof here)) strcpy(here, ".");
    if (strncmp(path, "./", 2) == 0) path += 2;
    return err_fail(err, NOT_FOUND,
                    "%s has stored nothing here (CONSE_DATA or --data names the folder): there is no %s%s%s",
                    service, *path == '/' ? "" : here, *path == '/' ? "" : "/", path);
}
