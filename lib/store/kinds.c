// The kinds of stores, chosen by URL, and what is done to a store as a whole without opening it first:
// filling and copying.
#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/store/backend.h"

enum { MAX_BACKENDS = 4 };

// Entries are only added; the rest is NULL.
static _Atomic(const struct store_backend *) backends[MAX_BACKENDS] = {&store_sqlite, &store_mongo};

void store_backend_add(const struct store_backend *backend)
{
    for (size_t i = 0; i < MAX_BACKENDS; i++) {
        const struct store_backend *there = NULL;
        if (atomic_compare_exchange_strong(&backends[i], &there, backend) || there == backend) return;
    }
    assert(!"more kinds of stores than there are");
}

// Of the URL only its scheme is told: it may have a password.
const struct store_backend *store_backend_of(const char *url, const char **place, struct err *err)
{
    for (size_t i = 0; i < MAX_BACKENDS; i++) {
        const struct store_backend *backend = atomic_load(&backends[i]);
        size_t len = backend ? strlen(backend->scheme) : 0;
        *place = url + len;
        if (backend && strncmp(url, backend->scheme, len) == 0) return backend;
    }
    err_fail(err, INTERNAL_ERROR,
             "the store %.*s... is of no known kind; use sqlite:PATH or mongodb://HOST/DATABASE",
             (int)strcspn(url, ":/@"), url);
    return NULL;
}

static bool fill_at(const struct store_options *options, const char *scheme, const char *place,
                    bool (*fill)(void *arg, struct store *store, struct err *err), void *arg, struct err *err)
{
    struct store_options inside = *options;
    struct store *store;
    char url[4096];
    int len = snprintf(url, sizeof url, "%s%s", scheme, place);
    if (len < 0 || (size_t)len >= sizeof url) return err_fail(err, INTERNAL_ERROR, "the path is too long");
    inside.url = url;
    inside.ballast = false;
    if (!store_open(&store, &inside, err)) return false;
    bool ok = fill(arg, store, err);
    store_close(store);
    return ok;
}

bool store_fill(const struct store_options *options,
                bool (*fill)(void *arg, struct store *store, struct err *err), void *arg, struct err *err)
{
    void *filling;
    const char *path, *place;
    const struct store_backend *backend = store_backend_of(options->url, &path, err);
    if (!backend) return false;
    if (!backend->fill_begin) return err_fail(err, INTERNAL_ERROR, "%s can't be filled", backend->scheme);
    if (!backend->fill_begin(&filling, path, &place, err)) return false;
    bool filled = fill_at(options, backend->scheme, place, fill, arg, err);
    return backend->fill_end(filling, filled, err) && filled;
}

bool store_backup(const char *url, const char *path, const struct store_table *without, struct err *err)
{
    const char *place;
    const struct store_backend *backend = store_backend_of(url, &place, err);
    if (!backend) return false;
    if (!backend->backup) return err_fail(err, INTERNAL_ERROR, "%s has no copy of itself", backend->scheme);
    return backend->backup(place, path, without ? without->name : NULL, err);
}

bool store_examine(const char *url, struct store_condition *condition, struct err *err)
{
    const char *place;
    const struct store_backend *backend = store_backend_of(url, &place, err);
    *condition = (struct store_condition){0};
    if (!backend) return false;
    if (!backend->examine) return err_fail(err, CONFLICT, "%s has no files here", backend->scheme);
    return backend->examine(place, condition, err);
}

// ---- Several stores as of one moment

struct held {
    const struct store_backend *backend;
    void *copy;
};

bool store_copies(const char *url)
{
    const char *place;
    struct err err;
    const struct store_backend *backend = store_backend_of(url, &place, &err);
    return backend && backend->copy_hold;
}

static bool held_begin(struct held *held, const char *url, struct err *err)
{
    const char *place;
    const struct store_backend *backend = store_backend_of(url, &place, err);
    if (!backend) return false;
    if (!backend->copy_hold)
        return err_fail(err, CONFLICT, "%s has no copy of itself together with others", backend->scheme);
    if (!backend->copy_hold(&held->copy, place, err)) return false;
    held->backend = backend;
    return true;
}

// While all are held nothing changes, so what each is then is of one moment.
static bool held_note(struct held *held, size_t count, int64_t *moment_ms, struct err *err)
{
    *moment_ms = clock_unix_ms();
    for (size_t i = 0; i < count; i++)
        if (!held[i].backend->copy_note(held[i].copy, err)) return false;
    for (size_t i = 0; i < count; i++)
        if (!held[i].backend->copy_go_on(held[i].copy, err)) return false;
    return true;
}

bool store_backup_together(const struct store_copy *copies, size_t count, int64_t *moment_ms, struct err *err)
{
    struct held held[STORE_COPIES_MOST] = {0};
    bool ok = true;
    assert(count <= STORE_COPIES_MOST);
    for (size_t i = 0; ok && i < count; i++) ok = held_begin(&held[i], copies[i].url, err);
    ok = ok && held_note(held, count, moment_ms, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = held[i].backend->copy_write(held[i].copy, copies[i].path,
                                         copies[i].without ? copies[i].without->name : NULL, err);
    for (size_t i = 0; i < count; i++)
        if (held[i].backend) held[i].backend->copy_end(held[i].copy);
    return ok;
}
