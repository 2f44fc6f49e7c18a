#include "lib/cache/redis/connection.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/net/peers.h"

enum { ANSWER_MS = 200, CONNECT_MS = 500 };

struct redis_connection {
    struct redis_place place;
    struct peers *peers; // NULL for a socket
    int event_fd;        // peers writes it; nobody waits for it
    uint64_t version;
    struct peers_list addresses;
    redisContext *redis;
};

static const struct timeval answer_time = {.tv_usec = ANSWER_MS * 1000},
                            connect_time = {.tv_usec = CONNECT_MS * 1000};

static bool redis_resolve(struct redis_connection *connection, struct err *err)
{
    const struct redis_place *place = &connection->place;
    char address[REDIS_TEXT + 16];
    if (place->kind == REDIS_SOCKET) return true;
    snprintf(address, sizeof address, "tcp://%s:%u", place->host, place->port);
    connection->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (connection->event_fd < 0) return err_fail(err, INTERNAL_ERROR, "no eventfd for the cache");
    return peers_open(&connection->peers, address, connection->event_fd, err);
}

bool redis_open(struct redis_connection **out, const struct redis_place *place, struct err *err)
{
    struct redis_connection *connection = calloc(1, sizeof *connection);
    if (!connection) return err_fail(err, INTERNAL_ERROR, "out of memory");
    connection->place = *place;
    connection->event_fd = -1;
    if (redis_resolve(connection, err)) return *out = connection, true;
    redis_close(connection);
    return false;
}

void redis_drop(struct redis_connection *connection)
{
    if (connection->redis) redisFree(connection->redis);
    connection->redis = NULL;
}

void redis_close(struct redis_connection *connection)
{
    if (!connection) return;
    redis_drop(connection);
    peers_close(connection->peers);
    if (connection->event_fd >= 0) close(connection->event_fd);
    sodium_memzero(&connection->place, sizeof connection->place);
    free(connection);
}

// ---- Connecting

// Frees the answer, which an error or another type makes a failure. Errors name no password.
static bool is_ok(redisContext *redis, redisReply *reply, const char *what, struct err *err)
{
    bool ok = reply && reply->type != REDIS_REPLY_ERROR;
    if (!ok)
        err_fail(err, SERVICE_AWAY, "the cache refuses %s: %.120s", what, reply ? reply->str : redis->errstr);
    freeReplyObject(reply);
    return ok;
}

static bool redis_greet(const struct redis_place *place, redisContext *redis, struct err *err)
{
    if (*place->user &&
        !is_ok(redis, redisCommand(redis, "AUTH %s %s", place->user, place->password), "the user", err))
        return false;
    if (!*place->user && *place->password &&
        !is_ok(redis, redisCommand(redis, "AUTH %s", place->password), "the password", err))
        return false;
    return !place->database ||
           is_ok(redis, redisCommand(redis, "SELECT %u", place->database), "the database", err);
}

// Takes the context over; NULL when it is none that works.
static redisContext *redis_check(redisContext *redis, const char *address, struct err *err)
{
    if (redis && !redis->err && redisSetTimeout(redis, answer_time) == REDIS_OK) return redis;
    err_fail(err, SERVICE_AWAY, "the cache at %s is away: %.120s", address,
             redis ? redis->errstr : "out of memory");
    if (redis) redisFree(redis);
    return NULL;
}

// address: tcp://host:port, without a name.
static redisContext *redis_dial(const char *address, struct err *err)
{
    char host[PEERS_ADDRESS];
    const char *begin = strstr(address, "://") + 3, *colon = strrchr(address, ':');
    bool six = *begin == '[';
    snprintf(host, sizeof host, "%.*s", (int)(colon - begin) - 2 * six, begin + six);
    return redis_check(redisConnectWithTimeout(host, atoi(colon + 1), connect_time), address, err);
}

static redisContext *redis_dial_server(const struct redis_place *place, const char *address, struct err *err)
{
    redisContext *redis = redis_dial(address, err);
    if (!redis || redis_greet(place, redis, err)) return redis;
    redisFree(redis);
    return NULL;
}

// ---- Sentinels

// The address of the master that a sentinel names.
static bool take_master(redisContext *sentinel, const struct redis_place *place, char address[PEERS_ADDRESS],
                        struct err *err)
{
    redisReply *reply = redisCommand(sentinel, "SENTINEL get-master-addr-by-name %s", place->master);
    bool named = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
                 reply->element[0]->str && reply->element[1]->str;
    if (named) {
        const char *host = reply->element[0]->str;
        const char *form = strchr(host, ':') ? "tcp://[%s]:%s" : "tcp://%s:%s";
        snprintf(address, PEERS_ADDRESS, form, host, reply->element[1]->str);
    }
    freeReplyObject(reply);
    return named || err_fail(err, SERVICE_AWAY, "a sentinel knows no master %s", place->master);
}

// A master that was put down since is one no longer, and says so.
static bool is_master(redisContext *redis, struct err *err)
{
    redisReply *reply = redisCommand(redis, "ROLE");
    bool master = reply && reply->type == REDIS_REPLY_ARRAY && reply->elements && reply->element[0]->str &&
                  strcmp(reply->element[0]->str, "master") == 0;
    freeReplyObject(reply);
    return master || err_fail(err, SERVICE_AWAY, "the master that a sentinel names is none");
}

static redisContext *redis_dial_master(const struct redis_place *place, const char *address, struct err *err)
{
    char master[PEERS_ADDRESS];
    redisContext *sentinel = redis_dial(address, err);
    bool named = sentinel && take_master(sentinel, place, master, err);
    if (sentinel) redisFree(sentinel);
    redisContext *redis = named ? redis_dial_server(place, master, err) : NULL;
    if (!redis || is_master(redis, err)) return redis;
    redisFree(redis);
    return NULL;
}

static redisContext *redis_dial_any(struct redis_connection *connection, struct err *err)
{
    const struct redis_place *place = &connection->place;
    err_fail(err, SERVICE_AWAY, "the cache's name is not resolved");
    peers_changed(connection->peers, &connection->version, &connection->addresses);
    redisContext *redis = NULL;
    for (size_t i = 0; !redis && i < connection->addresses.count; i++)
        redis = (place->kind == REDIS_SENTINEL ? redis_dial_master : redis_dial_server)(
            place, connection->addresses.addresses[i], err);
    return redis;
}

static redisContext *redis_dial_socket(const struct redis_place *place, struct err *err)
{
    redisContext *redis =
        redis_check(redisConnectUnixWithTimeout(place->host, connect_time), place->host, err);
    if (!redis || redis_greet(place, redis, err)) return redis;
    redisFree(redis);
    return NULL;
}

redisContext *redis_use(struct redis_connection *connection, struct err *err)
{
    if (connection->redis) return connection->redis;
    connection->redis = connection->place.kind == REDIS_SOCKET ? redis_dial_socket(&connection->place, err)
                                                               : redis_dial_any(connection, err);
    return connection->redis;
}
