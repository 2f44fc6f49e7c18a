#include "services/gateway/feed/tickets.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sodium.h>

#include "tests/test.h"

static const int64_t now_ms = INT64_C(1796000000000);

static struct token_claims claims_of_zoe(void)
{
    struct token_claims claims = {.level = 3, .expires_s = now_ms / 1000 + 900};
    strcpy(claims.user_id, "01890000-0000-7000-8000-000000000001");
    return claims;
}

static int set_up(void **state)
{
    struct err err;
    assert_true(sodium_init() >= 0);
    assert_true(cache_open((struct cache **)state, 64 << 20, &err));
    return 0;
}

static int tear_down(void **state)
{
    cache_close(*state);
    return 0;
}

static const struct ticket_store *store_of(struct cache *cache)
{
    static struct ticket_store store;
    store = ticket_store_here(cache);
    return &store;
}

static bool try_use(struct cache *cache, struct ticket_use *use, const char *ticket, const char *secret)
{
    struct err err;
    struct ticket_use next = {.ticket = ticket, .topics = "event:1"};
    strcpy(next.secret, secret); // which may be that of the use before
    *use = next;
    bool ok = ticket_use(store_of(cache), use, now_ms, &err);
    if (!ok) assert_true(err_is(&err, TICKET_INVALID));
    return ok;
}

static void a_ticket_opens_once_and_its_secret_again(void **state)
{
    const struct token_claims claims = claims_of_zoe();
    struct ticket_use first, next;
    char ticket[TICKET_SIZE], other[TICKET_SIZE];
    struct err err;
    assert_true(ticket_create(store_of(*state), &claims, ticket, &err));
    assert_true(ticket_create(store_of(*state), &claims, other, &err));
    assert_true(try_use(*state, &first, ticket, ""));
    assert_string_equal(first.claims.user_id, claims.user_id);
    assert_int_equal(strlen(first.secret), IDS_SECRET);
    assert_false(try_use(*state, &next, ticket, ""));
    for (int i = 0; i < 10; i++) {
        assert_true(try_use(*state, &next, ticket, first.secret));
        assert_string_equal(next.secret, first.secret);
        assert_string_equal(next.claims.user_id, claims.user_id);
    }
    assert_false(try_use(*state, &next, other, first.secret)); // of another ticket
    assert_true(try_use(*state, &next, other, ""));            // which is as good as before
    assert_false(try_use(*state, &next, ticket, next.secret));
}

static void it_opens_the_same_streams_again(void **state)
{
    const struct token_claims claims = claims_of_zoe();
    struct ticket_use first;
    char ticket[TICKET_SIZE];
    struct err err;
    assert_true(ticket_create(store_of(*state), &claims, ticket, &err));
    assert_true(try_use(*state, &first, ticket, ""));
    first.topics = "event:2";
    assert_false(ticket_use(store_of(*state), &first, now_ms, &err));
}

static void what_is_no_ticket_opens_nothing(void **state)
{
    static const char *const none[] = {"", "x", "abcdefghijklmnopqrstuvwxyz",
                                       "abcdefghijklmnopqrstuvwxyzabc"};
    struct ticket_use use;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(try_use(*state, &use, none[i], ""));
        assert_false(try_use(*state, &use, none[i], "abcdefghijklmnopqrstuvwxyz"));
    }
}

// Each runner uses every ticket, as soon as it is there.
enum { RUNNERS = 4, TICKETS = 3000 };

static struct {
    char tickets[TICKETS][TICKET_SIZE];
    atomic_int ready, won[TICKETS];
    struct ticket_store store;
} race;

static void *run(void *arg)
{
    for (int i = 0; i < TICKETS; i++) {
        struct ticket_use use = {.ticket = race.tickets[i], .topics = "event:1"};
        struct err err;
        while (atomic_load(&race.ready) <= i)
            ;
        if (ticket_use(&race.store, &use, now_ms, &err)) atomic_fetch_add(&race.won[i], 1);
    }
    return arg;
}

static void of_many_that_use_it_at_once_one_does(void **state)
{
    const struct token_claims claims = claims_of_zoe();
    pthread_t threads[RUNNERS];
    struct err err;
    memset(&race, 0, sizeof race);
    race.store = ticket_store_here(*state);
    for (int i = 0; i < RUNNERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, run, NULL), 0);
    for (int i = 0; i < TICKETS; i++) {
        assert_true(ticket_create(&race.store, &claims, race.tickets[i], &err));
        atomic_store(&race.ready, i + 1);
    }
    for (int i = 0; i < RUNNERS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < TICKETS; i++) assert_int_equal(atomic_load(&race.won[i]), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_ticket_opens_once_and_its_secret_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_opens_the_same_streams_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_ticket_opens_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_many_that_use_it_at_once_one_does, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
