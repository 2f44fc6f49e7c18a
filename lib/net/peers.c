#include "lib/net/peers.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "lib/base/log.h"
#include "lib/thread/periodic.h"

enum { AGAIN_MS = 4000, AGAIN_JITTER_MS = 2000, SOON_MS = 500 };

struct peers {
    char *addresses; // as given, cut at the commas
    const char *items[PEERS_MAX];
    size_t items_count;
    int event_fd;
    struct periodic *resolver; // NULL when no address has a name
    pthread_mutex_t mutex;     // guards the fields below
    uint64_t version;
    struct peers_list list;
};

struct name { // tcp://host:port whose host is a name; second is the other port, or ""
    char prefix[16], host[200], port[8], second[8];
};

static atomic_int left_out;

double peers_left_out(void) { return atomic_load(&left_out); }

static const char *last_colon(const char *text, size_t len) { return memrchr(text, ':', len); }

// False when the address stands for itself.
static bool peers_split(struct name *name, const char *address)
{
    const char *host = strstr(address, "://"), *blank = strchrnul(address, ' ');
    const char *colon = last_colon(address, (size_t)(blank - address));
    if (!host || host - address < 3 || strncmp(host - 3, "tcp", 3) != 0 || colon == host) return false;
    host += 3;
    snprintf(name->prefix, sizeof name->prefix, "%.*s", (int)(host - address), address);
    snprintf(name->host, sizeof name->host, "%.*s", (int)(colon - host), host);
    snprintf(name->port, sizeof name->port, "%.*s", (int)(blank - colon - 1), colon + 1);
    snprintf(name->second, sizeof name->second, "%s", *blank ? strrchr(blank, ':') + 1 : "");
    struct in_addr four;
    return name->host[0] != '[' && inet_pton(AF_INET, name->host, &four) != 1;
}

// In its place among the others; of too many the last are left out.
static void peers_add(struct peers_list *list, const char *address)
{
    size_t at = 0;
    while (at < list->count && strcmp(list->addresses[at], address) < 0) at++;
    if (at < list->count && strcmp(list->addresses[at], address) == 0) return;
    bool full = list->count == PEERS_MAX;
    list->left_out += full;
    list->count += !full;
    if (at == PEERS_MAX) return;
    memmove(list->addresses[at + 1], list->addresses[at], (list->count - at - 1) * sizeof *list->addresses);
    memset(list->addresses[at], 0, PEERS_ADDRESS);
    snprintf(list->addresses[at], PEERS_ADDRESS, "%s", address);
}

static void add_found(struct peers_list *list, const struct name *name, const struct addrinfo *found)
{
    char number[INET6_ADDRSTRLEN + 16], host[INET6_ADDRSTRLEN + 18], address[PEERS_ADDRESS];
    if (getnameinfo(found->ai_addr, found->ai_addrlen, number, sizeof number, NULL, 0, NI_NUMERICHOST) != 0)
        return;
    snprintf(host, sizeof host, found->ai_family == AF_INET6 ? "[%s]" : "%s", number);
    int len = snprintf(address, sizeof address, "%s%s:%s", name->prefix, host, name->port);
    if (*name->second)
        snprintf(address + len, sizeof address - (size_t)len, " %s%s:%s", name->prefix, host, name->second);
    peers_add(list, address);
}

// False when the name can't be resolved now.
static bool resolve_name(struct peers_list *list, const struct name *name)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(name->host, name->port, &hints, &found) != 0) return false;
    for (const struct addrinfo *a = found; a; a = a->ai_next) add_found(list, name, a);
    freeaddrinfo(found);
    return true;
}

static bool resolve_all(const struct peers *peers, struct peers_list *list)
{
    for (size_t i = 0; i < peers->items_count; i++) {
        struct name name;
        if (!peers_split(&name, peers->items[i]))
            peers_add(list, peers->items[i]);
        else if (!resolve_name(list, &name))
            return false;
    }
    return true;
}

static void count_left_out(size_t before, size_t now)
{
    atomic_fetch_add(&left_out, (int)now - (int)before);
    if (now)
        log_error("too many peers: the last ones are not used", F_INT("most", PEERS_MAX),
                  F_INT("left_out", now));
}

static void set_list(struct peers *peers, const struct peers_list *list)
{
    pthread_mutex_lock(&peers->mutex);
    bool same = peers->version > 0 && memcmp(&peers->list, list, sizeof *list) == 0;
    if (!same) {
        count_left_out(peers->list.left_out, list->left_out);
        peers->list = *list;
        peers->version++;
        eventfd_write(peers->event_fd, 1);
    }
    pthread_mutex_unlock(&peers->mutex);
}

static bool peers_resolve(struct peers *peers)
{
    struct peers_list *list = calloc(1, sizeof *list); // zeroed, so that equal lists have equal bytes
    bool ok = list && resolve_all(peers, list);
    if (ok) set_list(peers, list);
    free(list);
    return ok;
}

static int64_t resolve_again(void *arg)
{
    return peers_resolve(arg) ? AGAIN_MS + randombytes_uniform(AGAIN_JITTER_MS)
                              : SOON_MS + randombytes_uniform(SOON_MS);
}

static bool cut_addresses(struct peers *peers, const char *addresses, struct err *err)
{
    peers->addresses = strdup(addresses);
    if (!peers->addresses) return err_fail(err, INTERNAL_ERROR, "out of memory");
    char *rest = peers->addresses, *item;
    while ((item = strsep(&rest, ",")) != NULL) {
        if (!*item || strlen(item) >= PEERS_ADDRESS || peers->items_count == PEERS_MAX)
            return err_fail(err, INVALID_FIELD, "\"%.64s\" is no list of up to %d addresses", addresses,
                            PEERS_MAX);
        peers->items[peers->items_count++] = item;
    }
    return true;
}

static bool peers_start(struct peers *peers, struct err *err)
{
    struct name ignored;
    bool named = false;
    for (size_t i = 0; i < peers->items_count; i++) named |= peers_split(&ignored, peers->items[i]);
    if (!named) return peers_resolve(peers) || err_fail(err, INTERNAL_ERROR, "out of memory");
    return periodic_start(&peers->resolver, "cannot start the resolver", 0, resolve_again, peers, err);
}

bool peers_open(struct peers **out, const char *addresses, int event_fd, struct err *err)
{
    struct peers *peers = calloc(1, sizeof *peers);
    if (!peers) return err_fail(err, INTERNAL_ERROR, "out of memory");
    peers->event_fd = event_fd;
    pthread_mutex_init(&peers->mutex, NULL);
    if (!cut_addresses(peers, addresses, err) || !peers_start(peers, err)) {
        peers_close(peers);
        return false;
    }
    *out = peers;
    return true;
}

void peers_close(struct peers *peers)
{
    if (!peers) return;
    periodic_stop(peers->resolver);
    count_left_out(peers->list.left_out, 0);
    pthread_mutex_destroy(&peers->mutex);
    free(peers->addresses);
    free(peers);
}

bool peers_changed(struct peers *peers, uint64_t *version, struct peers_list *list)
{
    pthread_mutex_lock(&peers->mutex);
    bool changed = *version != peers->version;
    if (changed) {
        *version = peers->version;
        *list = peers->list;
    }
    pthread_mutex_unlock(&peers->mutex);
    return changed;
}
