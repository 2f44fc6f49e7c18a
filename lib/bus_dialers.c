#include "lib/bus_dialers.h"

#include <stdio.h>
#include <string.h>

#include "lib/log.h"

bool bus_dialers_open(struct bus_dialers *dialers, nng_socket socket, const char *addresses, int event_fd,
                      struct err *err)
{
    dialers->socket = socket;
    return peers_open(&dialers->addresses, addresses, event_fd, err);
}

void bus_dialers_close(struct bus_dialers *dialers)
{
    peers_close(dialers->addresses);
}

static struct bus_dialer *find(struct bus_dialers *dialers, const char *address)
{
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (strcmp(dialers->all[i].address, address) == 0) return &dialers->all[i];
    return NULL;
}

static void dial(struct bus_dialers *dialers, const char *address)
{
    struct bus_dialer *dialer = find(dialers, "");
    int rv = dialer ? nng_dial(dialers->socket, address, &dialer->dialer, NNG_FLAG_NONBLOCK) : NNG_ENOMEM;
    if (rv == 0)
        snprintf(dialer->address, sizeof dialer->address, "%s", address);
    else
        log_warn("cannot subscribe", F_STR("address", address), F_STR("error", nng_strerror(rv)));
}

static bool is_listed(const struct peers_list *list, const char *address)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->addresses[i], address) == 0) return true;
    return false;
}

static void drop_gone(struct bus_dialers *dialers, const struct peers_list *list)
{
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct bus_dialer *dialer = &dialers->all[i];
        if (!dialer->address[0] || is_listed(list, dialer->address)) continue;
        nng_dialer_close(dialer->dialer);
        dialer->address[0] = 0;
    }
}

void bus_dialers_follow(struct bus_dialers *dialers)
{
    struct peers_list list;
    if (!peers_changed(dialers->addresses, &dialers->version, &list)) return;
    drop_gone(dialers, &list);
    for (size_t i = 0; i < list.count; i++)
        if (!find(dialers, list.addresses[i])) dial(dialers, list.addresses[i]);
}
