// The topic auth.names: complete, compacted, and for no client.
#include "lib/bus/feed.h"
#include "services/auth/accounts.h"
#include "services/auth/names.h"
#include "services/auth/testing/world.h"

enum { MANY = 1100 };

// All of the stream, oldest first; *first is the number of the first.
static size_t read_names(Auth__Name *names[], size_t most, uint64_t *first)
{
    struct store_entries page;
    assert_true(store_read(w.auth.store, NAMES_STREAM, 1, most, &w.arena, &page, &w.err));
    for (size_t i = 0; i < page.count; i++)
        names[i] = auth__name__unpack(&w.arena.allocator, page.entries[i].len, page.entries[i].data);
    *first = page.first_seq;
    return page.count;
}

static void assert_newest(const char *user_id, const char *username, Auth__Level__Value level)
{
    Auth__Name *names[100], *newest = NULL;
    uint64_t first;
    size_t count = read_names(names, 100, &first);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i]->user_id, user_id) == 0 && (!newest || names[i]->version > newest->version))
            newest = names[i];
    if (!newest) {
        fail_msg("nothing is told of %s", user_id);
        return;
    }
    assert_string_equal(newest->username, username);
    assert_int_equal(newest->level, level);
}

static uint64_t names_head(void)
{
    uint64_t head;
    assert_true(store_head(w.auth.store, NAMES_STREAM, &head, &w.err));
    return head;
}

static void a_wallet_is_told_while_it_is_linked(void **state)
{
    Auth__Name *names[8];
    uint64_t first;
    struct account account;
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    const char *const wallets[] = {"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T", "", ""};
    for (size_t i = 0; i < 3; i++) {
        assert_true(account_load(&w.auth, mira, &w.arena, &account, &w.err));
        account_set_wallet(&account, wallets[i]);
        assert_true(account_save(&w.auth, &account, &w.err));
    }
    assert_int_equal(read_names(names, 8, &first), 3); // nothing is new about the last
    assert_string_equal(names[1]->wallet, wallets[0]);
    assert_string_equal(names[2]->wallet, "");
}

static void a_phone_is_told_when_it_is_verified(void **state)
{
    static const char phone[] = "+15550100";
    Auth__Name *names[8];
    uint64_t first;
    struct account account;
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    for (size_t i = 0; i < 3; i++) {
        assert_true(account_load(&w.auth, mira, &w.arena, &account, &w.err));
        account_set_phone(&account, phone, i > 0);
        assert_true(account_save(&w.auth, &account, &w.err));
    }
    assert_int_equal(read_names(names, 8, &first), 2); // nothing is new about the last
    assert_false(names[0]->verified);
    assert_true(names[1]->verified);
}

static void a_name_and_a_level_are_told_when_they_change(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    assert_newest(mira, "mira", AUTH__LEVEL__VALUE__PLAYER);
    assert_non_null(log_in("mira", PASSWORD));
    assert_int_equal(names_head(), 1); // nothing is new
    assert_string_equal(rename_to(mira, "lena")->username, "lena");
    assert_newest(mira, "lena", AUTH__LEVEL__VALUE__PLAYER);
    assert_string_equal(rename_to(mira, "lena")->username, "lena");
    assert_int_equal(names_head(), 2); // nor is this
    Auth__SetLevelRequest god = AUTH__SET_LEVEL_REQUEST__INIT;
    god.user_id = mira;
    god.level = AUTH__LEVEL__VALUE__GOD;
    assert_non_null(ask("auth.SetLevel", &god));
    assert_newest(mira, "lena", AUTH__LEVEL__VALUE__GOD);
    assert_non_null(ask("auth.SetLevel", &god));
    assert_int_equal(names_head(), 3);
    assert_string_equal(rename_to(mira, "Lena")->username, "Lena");
    assert_newest(mira, "Lena", AUTH__LEVEL__VALUE__GOD);
}

static void what_is_refused_is_not_told(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    sign_up("lena", "");
    assert_null(rename_to(mira, "LENA"));
    assert_int_equal(names_head(), 2);
    assert_newest(mira, "mira", AUTH__LEVEL__VALUE__PLAYER);
}

// Like an account older than the topic, or one whose entry was lost with the process.
static struct account untold(const char *username)
{
    struct account account = account_new(&w.arena, username, "", w.now_ms);
    assert_true(auth_save(&w.auth, AUTH_ACCOUNTS, &account.row->base, 0, &w.err));
    return account;
}

static void accounts_of_before_enter_at_the_start(void **state)
{
    (void)state;
    struct account mira = untold("mira");
    const char *lena = sign_up("lena", "")->id;
    for (int started = 0; started < 2; started++) {
        assert_true(names_catch_up(&w.auth, &w.err));
        assert_newest(mira.row->id, "mira", AUTH__LEVEL__VALUE__PLAYER);
        assert_newest(lena, "lena", AUTH__LEVEL__VALUE__PLAYER);
        assert_int_equal(names_head(), 2); // once
    }
}

static void what_is_owed_is_paid(void **state)
{
    (void)state;
    struct account mira = untold("mira");
    assert_true(names_pay(&w.auth, &w.err));
    assert_int_equal(names_head(), 0);
    atomic_store(&w.auth.names_owed, true);
    assert_true(names_pay(&w.auth, &w.err));
    assert_newest(mira.row->id, "mira", AUTH__LEVEL__VALUE__PLAYER);
    assert_false(atomic_load(&w.auth.names_owed));
}

// Said again at the end, and what is old goes; a reader from any place finds every user's newest.
static void one_entry_of_each_user_remains(void **state)
{
    (void)state;
    Auth__Name *names[10];
    uint64_t first;
    struct err err;
    const char *mira = sign_up("mira", "")->id, *lena = sign_up("lena", "")->id;
    struct account account;
    assert_true(account_load(&w.auth, mira, &w.arena, &account, &err));
    for (int i = 0; i < MANY; i++) {
        account_set_level(&account, i % 2 ? AUTH__LEVEL__VALUE__PLAYER : AUTH__LEVEL__VALUE__GOD);
        assert_true(account_save(&w.auth, &account, &err));
    }
    assert_true(names_compact(&w.auth, &err));
    assert_int_equal(read_names(names, 10, &first), 2);
    assert_int_equal(first, 2 + MANY + 1);
    assert_newest(mira, "mira", AUTH__LEVEL__VALUE__PLAYER);
    assert_newest(lena, "lena", AUTH__LEVEL__VALUE__PLAYER);
    assert_true(names_compact(&w.auth, &err) && names_catch_up(&w.auth, &err));
    assert_int_equal(names_head(), 2 + MANY + 2);
}

static Bus__ReadReply *read_feed(Conse__Asker__Value asker, const char *stream)
{
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    request.stream = stream;
    struct rpc_call call = {.arena = &w.arena, .service = &w.auth, .asker = asker, .now_ms = w.now_ms};
    Rpc__Caller nobody = RPC__CALLER__INIT;
    call.caller = asker == CONSE__ASKER__VALUE__OPERATOR ? NULL : &nobody;
    return (Bus__ReadReply *)rpc_run_here(&call, auth_methods, "auth.feed.Read", &request.base, &w.err);
}

static size_t count_heads(Conse__Asker__Value asker)
{
    Bus__HeadsRequest request = BUS__HEADS_REQUEST__INIT;
    request.pattern = "*";
    Rpc__Caller nobody = RPC__CALLER__INIT;
    struct rpc_call call = {
        .arena = &w.arena, .service = &w.auth, .asker = asker, .caller = &nobody, .now_ms = w.now_ms};
    return ((Bus__Heads *)rpc_run_here(&call, auth_methods, "auth.feed.ListHeads", &request.base, &w.err))
        ->n_heads;
}

static void only_services_that_show_people_read_it(void **state)
{
    (void)state;
    sign_up("mira", "");
    Bus__ReadReply *reply = read_feed(CONSE__ASKER__VALUE__EVENTS, NAMES_STREAM);
    assert_int_equal(reply->n_notices, 1);
    assert_string_equal(reply->notices[0]->kind, NAMES_KIND);
    assert_true(reply->generation == store_generation(w.auth.store));
    assert_non_null(read_feed(CONSE__ASKER__VALUE__CHAIN, NAMES_STREAM));
    refused(read_feed(CONSE__ASKER__VALUE__GATEWAY, NAMES_STREAM), "NOT_FOUND");
    refused(read_feed(CONSE__ASKER__VALUE__CHAIN, REVOCATIONS_STREAM), "NOT_FOUND");
    refused(read_feed(CONSE__ASKER__VALUE__EVENTS, REVOCATIONS_STREAM), "NOT_FOUND");
    assert_non_null(read_feed(CONSE__ASKER__VALUE__GATEWAY, REVOCATIONS_STREAM));
    assert_int_equal(count_heads(CONSE__ASKER__VALUE__GATEWAY), 0);
    assert_int_equal(count_heads(CONSE__ASKER__VALUE__EVENTS), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_wallet_is_told_while_it_is_linked),
        TEST(a_phone_is_told_when_it_is_verified),
        TEST(a_name_and_a_level_are_told_when_they_change),
        TEST(what_is_refused_is_not_told),
        TEST(accounts_of_before_enter_at_the_start),
        TEST(what_is_owed_is_paid),
        TEST(one_entry_of_each_user_remains),
        TEST(only_services_that_show_people_read_it),
    };
    return RUN(tests);
}
