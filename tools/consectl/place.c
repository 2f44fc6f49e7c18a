// Where the services and their files are, by the services' own settings.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/rpc/tls/identity.h"
#include "lib/service/bus_key.h"
#include "tools/consectl/consectl.h"

bool place_keys(struct ctl *ctl, struct err *err)
{
    struct bus_key_list list;
    if (ctl->bus_keys) return true;
    if (!bus_key_find(&list, err)) return false;
    if (list.count) ctl->bus_keys = bus_keys_create(&list);
    bool none = !list.count;
    bus_key_list_forget(&list);
    const char *certificates = getenv("CONSE_BUS_CERTIFICATES");
    if (certificates && *certificates && !rpc_identity_load(certificates, "consectl", err))
        return err_wrap(err, "CONSE_BUS_CERTIFICATES");
    return none || ctl->bus_keys || err_fail(err, INTERNAL_ERROR, "out of memory");
}

static bool place_reach(struct ctl *ctl, struct reach *reach, struct err *err)
{
    if (!place_keys(ctl, err)) return false;
    *reach = (struct reach){ctl->data_dir, ctl->run_dir, ctl->bus_keys != NULL};
    return true;
}

bool place_peers(struct ctl *ctl, char out[PLACE], const char *service, struct err *err)
{
    struct reach reach;
    return place_reach(ctl, &reach, err) && reach_peers(&reach, service, out, PLACE, err);
}

bool place_topics(struct ctl *ctl, char out[PLACE], const char *service, struct err *err)
{
    struct reach reach;
    return place_reach(ctl, &reach, err) && reach_topics(&reach, service, out, PLACE, err);
}

bool place_store(const struct ctl *ctl, char out[PLACE], const char *service, struct err *err)
{
    const struct reach reach = {.data_dir = ctl->data_dir, .run_dir = ctl->run_dir};
    return reach_store_find(&reach, service, out, PLACE, err);
}

const char *place_masters(void)
{
    const char *given = getenv("CONSE_MASTER_KEY_FILE");
    return given ? given : "";
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
