#include "lib/service/reach.h"

#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/rpc/address.h"

static void name_variable(char name[REACH_VARIABLE], const char *service, const char *what)
{
    snprintf(name, REACH_VARIABLE, "CONSE_%s_%s", service, what);
    for (char *c = name; *c; c++) *c = (char)toupper((unsigned char)*c);
}

const char *reach_setting(const char *service, const char *what)
{
    char name[REACH_VARIABLE];
    name_variable(name, service, what);
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool reach_fit(int len, size_t size, struct err *err)
{
    return (len >= 0 && (size_t)len < size) || err_fail(err, INVALID_FIELD, "it is too long");
}

static bool reach_wrap(struct err *err, const char *service, const char *what)
{
    char name[REACH_VARIABLE];
    name_variable(name, service, what);
    return err_wrap(err, name);
}

// ---- Addresses

static bool reach_may_use(const struct reach *reach, const char *addresses, struct err *err)
{
    const char *const folders[] = {reach->data_dir, reach->run_dir, NULL};
    return rpc_address_check(addresses, reach->has_keys, folders, err);
}

static bool reach_given(const struct reach *reach, const char *given, char *out, size_t size, struct err *err)
{
    return reach_fit(snprintf(out, size, "%s", given), size, err) && reach_may_use(reach, out, err);
}

bool reach_own(const struct reach *reach, const char *service, const char *what, char *out, size_t size,
               struct err *err)
{
    const char *given = reach_setting(service, what), *suffix = strcmp(what, "BUS") == 0 ? "-bus" : "";
    if (given) return reach_given(reach, given, out, size, err) || reach_wrap(err, service, what);
    int len = snprintf(out, size, "ipc://%s/%s%s.ipc", reach->run_dir, service, suffix);
    return reach_fit(len, size, err) || err_wrap(err, "CONSE_RUN");
}

bool reach_topics(const struct reach *reach, const char *service, char *out, size_t size, struct err *err)
{
    const char *given = reach_setting(service, "TOPICS");
    if (!given) return reach_own(reach, service, "BUS", out, size, err);
    return reach_given(reach, given, out, size, err) || reach_wrap(err, service, "TOPICS");
}

// "" when the machine's name has no address of the family.
static void own_host(int family, char *host, socklen_t size)
{
    char name[256] = "";
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM}, *found = NULL;
    *host = 0;
    if (gethostname(name, sizeof name - 1) != 0 || getaddrinfo(name, NULL, &hints, &found) != 0) return;
    if (getnameinfo(found->ai_addr, found->ai_addrlen, host, size, NULL, 0, NI_NUMERICHOST) != 0) *host = 0;
    freeaddrinfo(found);
}

static bool host_is(const char *host, size_t len, const char *text)
{
    return strlen(text) == len && strncmp(host, text, len) == 0;
}

void reach_self(const char *listen, char *out, size_t size)
{
    const char *host = strstr(listen, "://"), *port = strrchr(listen, ':');
    char own[64] = "";
    snprintf(out, size, "%s", listen);
    if (!host || !rpc_address_is_tcp(listen) || port <= host) return;
    host += strlen("://");
    size_t len = (size_t)(port - host);
    bool six = host_is(host, len, "[::]");
    if (!six && !host_is(host, len, "0.0.0.0") && !host_is(host, len, "*") && len) return;
    own_host(six ? AF_INET6 : AF_INET, own, sizeof own);
    if (!*own) return;
    snprintf(out, size, six ? "%.*s[%s]%s" : "%.*s%s%s", (int)(host - listen), listen, own, port);
}

static bool reach_fast(const struct reach *reach, const char *service, char *out, size_t size,
                       struct err *err)
{
    const char *given = reach_setting(service, "PEERS");
    if (!given) return reach_own(reach, service, "LISTEN", out, size, err);
    return reach_given(reach, given, out, size, err) || reach_wrap(err, service, "PEERS");
}

bool reach_peers(const struct reach *reach, const char *service, char *out, size_t size, struct err *err)
{
    char fast[REACH_BYTES];
    const char *what = "SLOW_PEERS", *slow = reach_setting(service, what);
    if (!slow && !reach_setting(service, "PEERS")) slow = reach_setting(service, what = "SLOW_LISTEN");
    if (!slow) return reach_fast(reach, service, out, size, err);
    if (!reach_fast(reach, service, fast, sizeof fast, err)) return false;
    return (rpc_address_join(fast, slow, out, size, err) && reach_may_use(reach, slow, err)) ||
           reach_wrap(err, service, what);
}

// ---- The store

#define AT(field) offsetof(struct reach_store, field)

const struct config_var reach_store_vars[2] = {{"CONSE_STORE", CONFIG_SECRET, AT(general), "sqlite:",
                                                "where data is kept; sqlite: is one file per service in "
                                                "CONSE_DATA, mongodb://... one database per service",
                                                0, 0, NULL},
                                               {"STORE", CONFIG_SECRET, AT(own), "",
                                                "where this service keeps its data, instead of CONSE_STORE",
                                                0, 0, NULL}};

static bool is_mongodb(const char *url) { return strncmp(url, "mongodb", strlen("mongodb")) == 0; }

// A user is looked up in the database that the URL names, else in admin, also when we put another name there.
static bool needs_source(const char *url, const char *options)
{
    const char *mechanism = strcasestr(options, "authMechanism=");
    return strchr(url, '@') && !strcasestr(options, "authSource=") &&
           (!mechanism || strncasecmp(strchr(mechanism, '=') + 1, "SCRAM", 5) == 0);
}

// Puts the service's name in place of a database, or behind the general one.
static int name_database(const char *url, const char *service, bool general, char *out, size_t size)
{
    const char *host = strstr(url, "://"),
               *end = host ? host + 3 + strcspn(host + 3, "/?") : url + strlen(url);
    const char *database = *end == '/' ? end + 1 : end, *options = strchrnul(database, '?');
    int len = (int)(options - database);
    if (len && !general) return snprintf(out, size, "%s", url);
    bool source = needs_source(url, options);
    return snprintf(out, size, "%.*s/%.*s%s%s%s%s%.*s", (int)(end - url), url, len, database, len ? "_" : "",
                    service, options, source ? (*options ? "&authSource=" : "?authSource=") : "",
                    source ? (len ? len : 5) : 0, len ? database : "admin");
}

bool reach_store_url(const struct reach *reach, const struct reach_store *store, const char *service,
                     char *out, size_t size, struct err *err)
{
    const char *url = *store->own ? store->own : store->general;
    int len;
    if (strcmp(url, "sqlite:") == 0)
        len = snprintf(out, size, "sqlite:%s/%s.db", reach->data_dir, service);
    else if (is_mongodb(url))
        len = name_database(url, service, !*store->own, out, size);
    else
        len = snprintf(out, size, "%s", url);
    return reach_fit(len, size, err) || err_wrap(err, reach_store_vars[0].name);
}

bool reach_store_find(const struct reach *reach, const char *service, char *out, size_t size, struct err *err)
{
    char name[REACH_VARIABLE];
    struct config_var vars[3] = {reach_store_vars[0], reach_store_vars[1]};
    struct reach_store store;
    name_variable(name, service, vars[1].name);
    vars[1].name = name;
    return config_load(vars, &store, err) && reach_store_url(reach, &store, service, out, size, err);
}
