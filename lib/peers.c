#include "lib/peers.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

enum { AGAIN_MS = 4000, AGAIN_JITTER_MS = 2000, SOON_MS = 500 };

struct peers {
    char prefix[16]; // "tcp://" or "tls+tcp://"
    char host[200];
    char port[8];
    int event_fd;
    bool running;
    pthread_t thread;
    pthread_mutex_t mutex; // guards what follows
    pthread_cond_t wake;
    bool stopped;
    uint64_t version;
    struct peers_list list;
};

static int by_text(const void *a, const void *b) { return strcmp(a, b); }

static void set_list(struct peers *peers, const struct peers_list *list)
{
    pthread_mutex_lock(&peers->mutex);
    bool same = peers->version > 0 && peers->list.count == list->count &&
                memcmp(peers->list.addresses, list->addresses, list->count * sizeof *list->addresses) == 0;
    if (!same) {
        peers->list = *list;
        peers->version++;
        eventfd_write(peers->event_fd, 1);
    }
    pthread_mutex_unlock(&peers->mutex);
}

static void add_address(const struct peers *peers, struct peers_list *list, const struct sockaddr *address, socklen_t len)
{
    char host[INET6_ADDRSTRLEN + 16];
    if (list->count == PEERS_MAX) return;
    if (getnameinfo(address, len, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0) return;
    bool six = address->sa_family == AF_INET6;
    snprintf(list->addresses[list->count++], PEERS_ADDRESS, "%s%s%s%s:%s", peers->prefix, six ? "[" : "", host, six ? "]" : "",
             peers->port);
}

// False when the name can't be resolved now.
static bool resolve(struct peers *peers)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(peers->host, peers->port, &hints, &found) != 0) return false;
    struct peers_list *list = calloc(1, sizeof *list);
    for (const struct addrinfo *a = found; list && a; a = a->ai_next) add_address(peers, list, a->ai_addr, a->ai_addrlen);
    freeaddrinfo(found);
    if (!list) return false;
    qsort(list->addresses, list->count, sizeof *list->addresses, by_text);
    set_list(peers, list);
    free(list);
    return true;
}

static void pause_ms(struct peers *peers, uint32_t ms)
{
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    int64_t ns = at.tv_nsec + (int64_t)ms * 1000000;
    at.tv_sec += ns / 1000000000;
    at.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&peers->mutex);
    if (!peers->stopped) pthread_cond_timedwait(&peers->wake, &peers->mutex, &at);
    pthread_mutex_unlock(&peers->mutex);
}

static bool stopped(struct peers *peers)
{
    pthread_mutex_lock(&peers->mutex);
    bool stopped = peers->stopped;
    pthread_mutex_unlock(&peers->mutex);
    return stopped;
}

static void *resolver_main(void *arg)
{
    struct peers *peers = arg;
    while (!stopped(peers)) {
        bool ok = resolve(peers);
        pause_ms(peers, ok ? AGAIN_MS + randombytes_uniform(AGAIN_JITTER_MS) : SOON_MS + randombytes_uniform(SOON_MS));
    }
    return NULL;
}

// Splits tcp://host:port. False when the address stands for itself.
static bool split(struct peers *peers, const char *address)
{
    const char *host = strstr(address, "://");
    const char *colon = strrchr(address, ':');
    if (!host || strncmp(host - 3, "tcp", 3) != 0 || colon == host) return false;
    host += 3;
    snprintf(peers->prefix, sizeof peers->prefix, "%.*s", (int)(host - address), address);
    snprintf(peers->host, sizeof peers->host, "%.*s", (int)(colon - host), host);
    snprintf(peers->port, sizeof peers->port, "%s", colon + 1);
    struct in_addr four;
    return peers->host[0] != '[' && inet_pton(AF_INET, peers->host, &four) != 1;
}

bool peers_open(struct peers **out, const char *address, int event_fd, struct err *err)
{
    if (strlen(address) >= PEERS_ADDRESS - 64) return err_fail(err, INVALID_FIELD, "the address %.32s... is too long", address);
    struct peers *peers = calloc(1, sizeof *peers);
    if (!peers) return err_fail(err, INTERNAL_ERROR, "out of memory");
    peers->event_fd = event_fd;
    pthread_mutex_init(&peers->mutex, NULL);
    pthread_cond_init(&peers->wake, NULL);
    if (split(peers, address)) {
        int rv = pthread_create(&peers->thread, NULL, resolver_main, peers);
        if (rv) return peers_close(peers), err_errno(err, rv, "cannot start the resolver");
        peers->running = true;
    } else {
        snprintf(peers->list.addresses[peers->list.count++], PEERS_ADDRESS, "%s", address);
        peers->version = 1;
    }
    *out = peers;
    return true;
}

void peers_close(struct peers *peers)
{
    if (!peers) return;
    pthread_mutex_lock(&peers->mutex);
    peers->stopped = true;
    pthread_cond_signal(&peers->wake);
    pthread_mutex_unlock(&peers->mutex);
    if (peers->running) pthread_join(peers->thread, NULL);
    pthread_cond_destroy(&peers->wake);
    pthread_mutex_destroy(&peers->mutex);
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
