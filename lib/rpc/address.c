#include "lib/rpc/address.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/net/peers.h"
#include "lib/rpc/nng/secure.h"
#include "lib/rpc/tls/identity.h"

#define IPC "ipc://"
#define INPROC "inproc://"

static bool begins_with(const char *address, const char *scheme)
{
    return strncmp(address, scheme, strlen(scheme)) == 0;
}

// NNG takes a scheme in either case; ours are known only in lower case.
static bool scheme_has(const char *address, const char *word)
{
    const char *end = strstr(address, "://"), *at = strcasestr(address, word);
    return end && at && at < end;
}

bool rpc_address_is_tcp(const char *address) { return scheme_has(address, "tcp"); }

static bool is_local(const char *address)
{
    return begins_with(address, IPC) || begins_with(address, INPROC);
}

static bool next_port(const char *address, char *out, size_t size)
{
    const char *colon = strrchr(address, ':');
    char *end;
    long port = colon ? strtol(colon + 1, &end, 10) : 0;
    if (!colon || end == colon + 1 || *end || port < 1 || port > 65534) return false;
    int len = snprintf(out, size, "%.*s:%ld", (int)(colon - address), address, port + 1);
    return len > 0 && (size_t)len < size;
}

bool rpc_slow_address(const char *address, char *out, size_t size)
{
    if (!is_local(address)) return next_port(address, out, size);
    size_t len = strlen(address);
    bool named = len > 4 && strcmp(address + len - 4, ".ipc") == 0;
    size_t stem = named ? len - 4 : len;
    int written = snprintf(out, size, "%.*s-slow%s", (int)stem, address, address + stem);
    return written > 0 && (size_t)written < size;
}

bool rpc_address_split(const char *peer, char *fast, char *slow, size_t size)
{
    const char *blank = strchrnul(peer, ' ');
    int len = snprintf(fast, size, "%.*s", (int)(blank - peer), peer);
    if (len <= 0 || (size_t)len >= size) return false;
    if (!*blank) return rpc_slow_address(fast, slow, size);
    len = snprintf(slow, size, "%s", blank + 1);
    return len > 0 && (size_t)len < size;
}

static size_t host_len(const char *address)
{
    size_t len = strcspn(address, ",");
    while (len && address[len - 1] != ':') len--;
    return len;
}

static bool one_host(const char *fast, const char *slow)
{
    size_t len = host_len(fast);
    return !scheme_has(fast, "tcp") || (len == host_len(slow) && strncmp(fast, slow, len) == 0);
}

bool rpc_address_join(const char *fast, const char *slow, char *out, size_t size, struct err *err)
{
    for (size_t at = 0;;) {
        size_t f = strcspn(fast, ","), s = strcspn(slow, ",");
        if (!one_host(fast, slow))
            return err_fail(err, INVALID_FIELD, "%.*s is not at the host of %.*s", (int)s, slow, (int)f,
                            fast);
        int len =
            snprintf(out + at, size - at, "%.*s %.*s%s", (int)f, fast, (int)s, slow, fast[f] ? "," : "");
        if (len < 0 || (size_t)len >= size - at) return err_fail(err, INVALID_FIELD, "the list is too long");
        if (!fast[f] != !slow[s]) return err_fail(err, INVALID_FIELD, "each peer needs one slow address");
        if (!fast[f]) return true;
        at += (size_t)len;
        fast += f + 1;
        slow += s + 1;
    }
}

// By name, or by the folder that the name leads to.
static bool is_within(const char *path, const char *folder)
{
    char parent[PEERS_ADDRESS], real_parent[PATH_MAX], real_folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash) return false;
    snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
    if (strcmp(parent, folder) == 0) return true;
    if (!realpath(*parent ? parent : "/", real_parent) || !realpath(folder, real_folder)) return false;
    size_t len = strlen(real_folder);
    return strncmp(real_parent, real_folder, len) == 0 && (real_parent[len] == '/' || real_parent[len] == 0);
}

static bool is_ours(const char *address, const char *const *folders)
{
    if (begins_with(address, INPROC)) return true;
    if (!begins_with(address, IPC)) return false;
    if (!folders) return true;
    while (*folders && !is_within(address + strlen(IPC), *folders)) folders++;
    return *folders != NULL;
}

static bool check_one(const char *address, bool has_keys, const char *const *folders, struct err *err)
{
    if (scheme_has(address, "abstract"))
        return err_fail(
            err, INVALID_FIELD,
            "abstract sockets are open to everybody on the machine, so ipc:// takes their place: %s",
            address);
    if (!has_keys && !is_ours(address, folders))
        return err_fail(err, INVALID_FIELD,
                        "all but ipc:// within CONSE_DATA or CONSE_RUN needs CONSE_BUS_KEY: %s", address);
    return !rpc_secure_is(address) || rpc_identity_is_loaded() ||
           err_fail(err, INVALID_FIELD, "tls+tcp:// needs CONSE_BUS_CERTIFICATES: %s", address);
}

bool rpc_address_check(const char *addresses, bool has_keys, const char *const *folders, struct err *err)
{
    for (const char *at = addresses;;) {
        char address[PEERS_ADDRESS];
        size_t len = strcspn(at, ", ");
        if (len >= sizeof address) return err_fail(err, INVALID_FIELD, "%s is too long for an address", at);
        snprintf(address, sizeof address, "%.*s", (int)len, at);
        if (!check_one(address, has_keys, folders, err)) return false;
        if (!at[len]) return true;
        at += len + 1;
    }
}
