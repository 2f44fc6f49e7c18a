// Two processes of auth on one store, and what the other does while the one is in the middle of something.
#ifndef SERVICES_AUTH_TESTING_BOTH_H
#define SERVICES_AUTH_TESTING_BOTH_H

#include <pthread.h>

#include "lib/store/testing/shared.h"
#include "services/auth/testing/world.h"

static struct auth other; // w.auth is the one
static const char url[] = "shared:auth";

static inline int both_up(void **state)
{
    shared_store_register();
    set_up(state);
    auth_close(&w.auth);
    snprintf(w.url, sizeof w.url, "%s", url);
    open_world();
    const struct auth_options options = {
        .settings = &w.settings, .data_dir = w.folder, .store_url = url, .master_keys = w.masters};
    return auth_open(&other, &options, &w.err) ? 0 : -1;
}

static inline int both_down(void **state)
{
    auth_close(&other);
    tear_down(state);
    shared_store_drop(url);
    return 0;
}

#define BOTH(name) cmocka_unit_test_setup_teardown(name, both_up, both_down)

// ---- What the other does meanwhile, on a thread of its own

struct meanwhile {
    pthread_t thread;
    bool (*act)(struct arena *arena, struct err *err);
    struct arena arena;
    struct err err;
    bool ok;
};

static inline void *meanwhile_main(void *arg)
{
    struct meanwhile *meanwhile = arg;
    meanwhile->ok = meanwhile->act(&meanwhile->arena, &meanwhile->err);
    return NULL;
}

static inline void meanwhile_begin(struct meanwhile *meanwhile,
                                   bool (*act)(struct arena *arena, struct err *err))
{
    *meanwhile = (struct meanwhile){.act = act};
    arena_init(&meanwhile->arena, 8 << 20);
    assert_int_equal(pthread_create(&meanwhile->thread, NULL, meanwhile_main, meanwhile), 0);
}

// Until its first write waits to be sent.
static inline void meanwhile_hold(struct meanwhile *meanwhile,
                                  bool (*act)(struct arena *arena, struct err *err))
{
    shared_store_hold(other.store);
    meanwhile_begin(meanwhile, act);
    shared_store_await_held(other.store);
}

static inline void meanwhile_join(struct meanwhile *meanwhile)
{
    pthread_join(meanwhile->thread, NULL);
    arena_finish(&meanwhile->arena);
}

static inline void meanwhile_release(struct meanwhile *meanwhile)
{
    shared_store_release(other.store);
    meanwhile_join(meanwhile);
}

#endif
