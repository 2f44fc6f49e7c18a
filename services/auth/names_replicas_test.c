// What two processes of auth tell of names, on one store.
#include "services/auth/names.h"
#include "services/auth/testing/both.h"

static uint64_t names_told(void)
{
    uint64_t head;
    assert_true(store_head(other.store, NAMES_STREAM, &head, &w.err));
    return head;
}

// Like one whose entry was lost with its process.
static struct account untold(const char *username)
{
    struct account account = account_new(&w.arena, username, "", w.now_ms);
    assert_true(auth_save(&w.auth, AUTH_ACCOUNTS, &account.row->base, 0, &w.err));
    return account;
}

static bool complete_names_too(struct arena *arena, struct err *err)
{
    (void)arena;
    return names_catch_up(&other, err);
}

static void both_complete_the_names_at_once(void **state)
{
    (void)state;
    struct meanwhile meanwhile;
    untold("mira"), untold("nora");
    meanwhile_hold(&meanwhile, complete_names_too);
    assert_true(names_catch_up(&w.auth, &w.err));
    meanwhile_release(&meanwhile);
    assert_true(meanwhile.ok);
    assert_int_equal(names_told(), 2);
}

static void a_name_that_could_not_be_told_is_told_later(void **state)
{
    (void)state;
    struct account mira = untold("mira");
    shared_store_set_away(w.auth.store, true);
    names_finish(&w.auth, names_add(&w.auth, mira.row, 1, 0));
    shared_store_set_away(w.auth.store, false);
    assert_int_equal(names_told(), 0);
    assert_true(names_pay(&w.auth, &w.err));
    assert_int_equal(names_told(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(both_complete_the_names_at_once),
        BOTH(a_name_that_could_not_be_told_is_told_later),
    };
    return RUN(tests);
}
