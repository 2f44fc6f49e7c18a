// How pages of auth.names are taken in: by several processes at once, whole or not at all, and never passed
// over.
#include <pthread.h>
#include <sodium.h>

#include "lib/names/testing/world.h"

// Of one user, by one of the processes.
static void learn(struct world *world, struct process *process, const char *username, uint64_t version,
                  uint64_t seq)
{
    const struct name_news news = NAMED(MIRA, username, version);
    learn_page(world, process, (struct bus_place){7, seq}, &news, 1);
}

static bool refuses(struct world *world, struct process *process, const struct name_news *news, size_t count,
                    uint64_t seq)
{
    const struct bus_batch batch = name_news_page(&world->arena, (struct bus_place){7, seq}, news, count);
    return !names_learn(process->names, &batch, &world->err);
}

static struct bus_place place_of(struct world *world, struct process *process)
{
    Bus__Consumed *row;
    uint64_t version;
    must(world, store_get(process->store, &tables[PLACES], NAMES_STREAM, &world->arena,
                          (ProtobufCMessage **)&row, &version, &world->err));
    return row ? (struct bus_place){row->generation, row->seq} : (struct bus_place){0};
}

// ---- Two processes

static void both_learn_a_name_that_one_has_stored(void **state)
{
    struct world *world = *state;
    learn(world, &world->one, "mira", 1, 1);
    learn(world, &world->two, "mira", 1, 1);
    assert_called(&world->one, MIRA, "mira");
    assert_called(&world->two, MIRA, "mira");
    learn(world, &world->two, "mia", 2, 2);
    learn(world, &world->one, "mia", 2, 2);
    assert_called(&world->one, MIRA, "mia");
    learn(world, &world->two, "mira", 1, 1); // it comes again
    assert_called(&world->two, MIRA, "mia");
    assert_int_equal(place_of(world, &world->two).seq, 2);
}

struct racer {
    struct process *process;
    struct bus_batch batch;
    struct err err;
    bool ok;
};

static void *race(void *arg)
{
    struct racer *racer = arg;
    racer->ok = names_learn(racer->process->names, &racer->batch, &racer->err);
    return NULL;
}

// Both have seen that nothing is stored.
static void who_loses_the_race_for_a_name_learns_it_all_the_same(void **state)
{
    struct world *world = *state;
    pthread_t thread;
    const struct name_news first = NAMED(MIRA, "mira", 1);
    struct racer racer = {.process = &world->one,
                          .batch = name_news_page(&world->arena, (struct bus_place){7, 1}, &first, 1)};
    shared_store_hold(world->one.store);
    assert_int_equal(pthread_create(&thread, NULL, race, &racer), 0);
    shared_store_await_held(world->one.store);
    learn(world, &world->two, "mia", 2, 2);
    shared_store_release(world->one.store);
    pthread_join(thread, NULL);
    if (!racer.ok) fail_msg("%s", racer.err.message);
    assert_called(&world->two, MIRA, "mia");
    assert_called(&world->one, MIRA, "mia"); // what is stored is newer
    learn(world, &world->one, "mia", 2, 2);
    assert_called(&world->one, MIRA, "mia");
}

// Else it would never be read again.
static void what_is_not_stored_is_not_passed_over(void **state)
{
    struct world *world = *state;
    learn(world, &world->one, "mira", 1, 1);
    shared_store_refuse(world->one.store, "names");
    assert_true(refuses(world, &world->one, &NAMED(MIRA, "mia", 2), 1, 2));
    assert_int_equal(place_of(world, &world->one).seq, 1);
    assert_called(&world->one, MIRA, "mira");
    shared_store_refuse(world->one.store, NULL);
    learn(world, &world->one, "mia", 2, 2);
    assert_int_equal(place_of(world, &world->one).seq, 2);
}

// ---- One

static void the_place_is_where_the_last_page_ended(void **state)
{
    struct world *world = *state;
    assert_int_equal(place_of(world, &world->one).seq, 0);
    learn(world, &world->one, "mira", 1, 40);
    assert_int_equal(place_of(world, &world->one).seq, 40);
    learn(world, &world->one, "mira", 1, 3); // a page of before
    assert_int_equal(place_of(world, &world->one).seq, 40);
    LEARN(world, 8, 5, NAMED(MIRA, "mira", 1));
    assert_int_equal(place_of(world, &world->one).seq, 5);
    assert_int_equal(place_of(world, &world->one).generation, 8);
}

static void nothing_is_learned_of_a_page_with_an_entry_that_is_no_name(void **state)
{
    struct world *world = *state;
    const struct name_news wrong[] = {NAMED("mira", "mira", 1), NAMED(MIRA, "", 1),
                                      NAMED(MIRA, "mira567890123456789012345678901234567890", 1)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct name_news page[] = {NAMED(LENA, "lena", 1), wrong[i]};
        assert_true(refuses(world, &world->one, page, 2, 2));
        assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
        assert_string_equal(bearer_of(&world->one, "lena").text, "");
        assert_int_equal(place_of(world, &world->one).seq, 0);
    }
    Bus__Notice notice = BUS__NOTICE__INIT, *notices = &notice;
    notice.payload = (ProtobufCBinaryData){3, (uint8_t *)"\xff\xff\xff"};
    const struct bus_batch batch = {.notices = &notices, .count = 1, .place = {7, 1}};
    assert_false(names_learn(world->one.names, &batch, &world->err));
    assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
}

// Opened anew, as a service that keeps wallets or does not.
static void open_again(struct world *world, bool wallets)
{
    names_close(world->one.names);
    world->one.wallets = wallets;
    must(world, open_names(world, &world->one));
}

static const char *wallet_of(struct world *world)
{
    static struct name_told told;
    assert_true(names_get(world->one.names, MIRA, &told));
    return told.wallet;
}

// A version that was told before there was a word for wallets is told again.
static void a_wallet_is_known_where_it_is_kept(void **state)
{
    struct world *world = *state;
    LEARN(world, 7, 1, NAMED(MIRA, "mira", 1, .wallet = "wallet1"));
    assert_string_equal(wallet_of(world), "");
    open_again(world, true);
    assert_string_equal(wallet_of(world), "");
    LEARN(world, 7, 3, NAMED(MIRA, "mira", 1), NAMED(MIRA, "mira", 1, .wallet = "wallet1"));
    assert_string_equal(wallet_of(world), "wallet1");
    LEARN(world, 7, 4, NAMED(MIRA, "mira", 1)); // of before
    assert_string_equal(wallet_of(world), "wallet1");
    LEARN(world, 7, 5, NAMED(MIRA, "mira", 2));
    assert_string_equal(wallet_of(world), "");
    LEARN(world, 7, 6, NAMED(MIRA, "mira", 3, .wallet = "wallet2"));
    open_again(world, true);
    assert_string_equal(wallet_of(world), "wallet2");
}

static const char *owner_of(struct world *world, const char *wallet)
{
    static struct name_told told;
    return names_by_wallet(world->one.names, wallet, &told) ? told.username : "";
}

static void who_has_a_wallet_is_found_by_it(void **state)
{
    struct world *world = *state;
    open_again(world, true);
    LEARN(world, 7, 1, NAMED(MIRA, "mira", 1, .wallet = "wallet1"));
    LEARN(world, 7, 2, NAMED(LENA, "lena", 1));
    assert_string_equal(owner_of(world, "wallet1"), "mira");
    assert_string_equal(owner_of(world, "wallet2"), "");
    assert_string_equal(owner_of(world, ""), "");
    LEARN(world, 7, 3, NAMED(MIRA, "mira", 2, .wallet = "wallet2"));
    assert_string_equal(owner_of(world, "wallet1"), "");
    LEARN(world, 7, 4, NAMED(LENA, "lena", 2, .wallet = "wallet1"));
    assert_string_equal(owner_of(world, "wallet1"), "lena");
    LEARN(world, 7, 5, NAMED(LENA, "lena", 3, .wallet = "wallet2")); // heard before it is nobody's
    LEARN(world, 7, 6, NAMED(MIRA, "mira", 3));
    assert_string_equal(owner_of(world, "wallet2"), "lena");
    open_again(world, true);
    assert_string_equal(owner_of(world, "wallet2"), "lena");
}

static bool is_verified(struct world *world)
{
    struct name_told told;
    assert_true(names_get(world->one.names, MIRA, &told));
    return told.verified;
}

// The same goes for phones.
static void a_phone_is_known_where_wallets_are_kept(void **state)
{
    struct world *world = *state;
    LEARN(world, 7, 1, NAMED(MIRA, "mira", 1, .verified = true));
    assert_false(is_verified(world));
    open_again(world, true);
    assert_false(is_verified(world));
    LEARN(world, 7, 3, NAMED(MIRA, "mira", 1), NAMED(MIRA, "mira", 1, .verified = true));
    assert_true(is_verified(world));
    LEARN(world, 7, 4, NAMED(MIRA, "mira", 1)); // of before
    open_again(world, true);
    assert_true(is_verified(world));
    LEARN(world, 7, 5, NAMED(MIRA, "mira", 2));
    assert_false(is_verified(world));
}

static uint32_t opted_out_of(struct world *world)
{
    struct name_told told;
    assert_true(names_get(world->one.names, MIRA, &told));
    assert_int_equal(names_opted_out(world->one.names, MIRA, NAMES_NO_LLM),
                     !!(told.opted_out & NAMES_NO_LLM));
    return told.opted_out;
}

static void what_somebody_opted_out_of_is_known(void **state)
{
    struct world *world = *state;
    LEARN(world, 7, 1, NAMED(MIRA, "mira", 1));
    assert_int_equal(opted_out_of(world), 0);
    LEARN(world, 7, 2, NAMED(MIRA, "mira", 2, .opted_out = NAMES_NO_RATING | NAMES_NO_LLM));
    assert_int_equal(opted_out_of(world), NAMES_NO_RATING | NAMES_NO_LLM);
    open_again(world, false);
    assert_int_equal(opted_out_of(world), NAMES_NO_RATING | NAMES_NO_LLM);
    LEARN(world, 7, 3, NAMED(MIRA, "mira", 3, .opted_out = NAMES_NO_TIPS | NAMES_NO_SUGGESTIONS));
    assert_int_equal(opted_out_of(world), NAMES_NO_TIPS | NAMES_NO_SUGGESTIONS);
    LEARN(world, 7, 4, NAMED(MIRA, "mira", 4));
    assert_int_equal(opted_out_of(world), 0);
    LEARN(world, 7, 5, NAMED(MIRA, "deleted-0123456789abcdef", 5, .deleted = true)); // which says no more
    assert_true(names_opted_out(world->one.names, MIRA, NAMES_NO_LLM));
    assert_false(names_opted_out(world->one.names, "01890000-0000-7000-8000-00000000dead", NAMES_NO_TIPS));
}

static void that_ratings_are_hidden_is_counted_alone(void **state)
{
    struct world *world = *state;
    const struct names *names = world->one.names;
    LEARN(world, 7, 1, NAMED(MIRA, "mira", 1));
    const uint64_t named = names_changes(names), hidden = names_rating_changes(names);
    LEARN(world, 7, 2, NAMED(LENA, "lena", 1));
    LEARN(world, 7, 3, NAMED(MIRA, "miriam", 2, .opted_out = NAMES_NO_TIPS));
    assert_int_equal(names_rating_changes(names), hidden);
    const uint64_t renamed = names_changes(names);
    assert_true(renamed > named);
    LEARN(world, 7, 4, NAMED(MIRA, "miriam", 3, .opted_out = NAMES_NO_RATING));
    LEARN(world, 7, 5, NAMED(MIRA, "miriam", 4));
    assert_int_equal(names_rating_changes(names), hidden + 2);
    assert_int_equal(names_changes(names), renamed);
}

// A program that knows of none told of them before; of one version, more is told once.
static void what_an_older_program_did_not_tell_is_taken_in(void **state)
{
    struct world *world = *state;
    LEARN(world, 7, 1, NAMED(MIRA, "mira", 1));
    LEARN(world, 7, 2, NAMED(MIRA, "mira", 1, .opted_out = NAMES_NO_LLM));
    assert_int_equal(opted_out_of(world), NAMES_NO_LLM);
    LEARN(world, 7, 3, NAMED(MIRA, "mira", 1)); // of before
    open_again(world, false);
    assert_int_equal(opted_out_of(world), NAMES_NO_LLM);
    LEARN(world, 7, 5, NAMED(MIRA, "mira", 2), NAMED(MIRA, "mira", 2, .opted_out = NAMES_NO_TIPS));
    assert_int_equal(opted_out_of(world), NAMES_NO_TIPS);
    LEARN(world, 7, 6, NAMED(MIRA, "mira", 3));
    assert_int_equal(opted_out_of(world), 0);
}

static void a_spoilt_row_is_no_name(void **state)
{
    struct world *world = *state;
    Names__Row row = NAMES__ROW__INIT;
    row.user_id = MIRA; // and nothing else
    must(world, store_wait(world->one.store, store_put(world->one.store, &tables[NAMES], &row.base, 0, NULL),
                           &world->err));
    struct process other = {.store = world->one.store};
    assert_false(open_names(world, &other));
    assert_int_equal(world->err.reason, IS(STORE_CORRUPT));
}

// ---- What goes with an account

struct keeper {
    unsigned asked;
    char user_id[UUID_LEN + 1];
    bool is_busy;
    struct names *names;
};

static bool forget_user(void *arg, const char *user_id, struct err *err)
{
    struct keeper *keeper = arg;
    keeper->asked++;
    assert_false(names_is_deleted(keeper->names, user_id)); // it comes first
    assert_true(names_is_leaving(keeper->names, user_id));
    snprintf(keeper->user_id, sizeof keeper->user_id, "%s", user_id);
    return !keeper->is_busy || err_fail(err, SERVICE_BUSY, "not now");
}

static void what_is_kept_of_a_user_goes_before_the_deletion_is_taken_in(void **state)
{
    struct world *world = *state;
    struct keeper keeper = {.is_busy = true, .names = world->one.names};
    const struct name_news gone = NAMED(MIRA, "deleted-0123456789abcdef", 2, .deleted = true);
    names_on_deletion(world->one.names, forget_user, &keeper);
    LEARN(world, 7, 2, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    assert_int_equal(keeper.asked, 0);
    assert_false(names_is_leaving(world->one.names, MIRA));
    assert_true(refuses(world, &world->one, &gone, 1, 3));
    assert_int_equal(keeper.asked, 1);
    assert_called(&world->one, MIRA, "mira");
    assert_int_equal(place_of(world, &world->one).seq, 2);
    keeper.is_busy = false;
    learn_page(world, &world->one, (struct bus_place){7, 3}, &gone, 1);
    assert_int_equal(keeper.asked, 2);
    assert_string_equal(keeper.user_id, MIRA);
    assert_true(names_is_deleted(world->one.names, MIRA));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TWO(both_learn_a_name_that_one_has_stored),
        TWO(who_loses_the_race_for_a_name_learns_it_all_the_same),
        TWO(what_is_not_stored_is_not_passed_over),
        ALONE(the_place_is_where_the_last_page_ended),
        ALONE(nothing_is_learned_of_a_page_with_an_entry_that_is_no_name),
        ALONE(a_wallet_is_known_where_it_is_kept),
        ALONE(who_has_a_wallet_is_found_by_it),
        ALONE(a_phone_is_known_where_wallets_are_kept),
        ALONE(what_somebody_opted_out_of_is_known),
        ALONE(that_ratings_are_hidden_is_counted_alone),
        ALONE(what_an_older_program_did_not_tell_is_taken_in),
        ALONE(a_spoilt_row_is_no_name),
        ALONE(what_is_kept_of_a_user_goes_before_the_deletion_is_taken_in),
    };
    return cmocka_run_group_tests_name("names: learning", tests, NULL, NULL);
}
