// What the ledger refuses of coins for games, and what it remembers of them as bytes.
#include "tests/test.h"

#include "services/chain/merit/merit.h"

enum { DAY = 20000, NOW = 1000, COINS = 300, CONSE = 1 };

static const uint8_t seed[16], event[MERIT_ID_BYTES] = {1}, other_event[MERIT_ID_BYTES] = {2};
static uint8_t key[MERIT_ID_BYTES] = {4}, seat[MERIT_ID_BYTES] = {5};

struct world {
    struct merit merit;
    struct ledger_accounts accounts;
    uint32_t player;
    double marks[MERIT_MARKS];
    Ledger__CoinsOffered__Offer offer, *offers[1];
    Ledger__CoinsOffered offered;
    Ledger__CoinsGiven given;
    ProtobufCBinaryData coins;
};

static ProtobufCBinaryData bytes_of(const uint8_t *bytes)
{
    return (ProtobufCBinaryData){MERIT_ID_BYTES, (uint8_t *)bytes};
}

static int set_up(void **state)
{
    struct world *world = *state = calloc(1, sizeof *world);
    const struct ledger_owner owner = {.kind = LEDGER_USER, .id = {1}};
    const struct ledger_account account = {.bytes = {1}};
    merit_init(&world->merit, seed);
    assert_true(ledger_accounts_init(&world->accounts, seed));
    world->player = ledger_accounts_add(&world->accounts, &owner, &account);
    ledger__coins_offered__offer__init(&world->offer);
    world->offer.key = bytes_of(key);
    world->offer.marks = world->marks;
    world->offer.n_marks = MERIT_MARKS;
    world->offer.coins = COINS;
    ledger__coins_offered__init(&world->offered);
    world->offered.event = bytes_of(event);
    world->offers[0] = &world->offer;
    world->offered.offers = world->offers;
    world->offered.n_offers = 1;
    world->offered.model = 7;
    ledger__coins_given__init(&world->given);
    world->given.event = bytes_of(event);
    world->given.account = world->player;
    world->given.offer = &world->offer;
    world->coins = bytes_of(key);
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    merit_finish(&world->merit);
    ledger_accounts_finish(&world->accounts);
    free(world);
    return 0;
}

static const char *follow(struct world *world, Ledger__Entry *entry)
{
    entry->time_ms = NOW;
    const char *wrong = merit_check(&world->merit, &world->accounts, entry);
    if (!wrong) merit_apply(&world->merit, entry);
    return wrong;
}

static const char *offer(struct world *world)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    entry.body_case = LEDGER__ENTRY__BODY_COINS_OFFERED;
    entry.coins_offered = &world->offered;
    return follow(world, &entry);
}

// Moves so many.
static const char *give(struct world *world, int64_t coins)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__Posting postings[2] = {LEDGER__POSTING__INIT, LEDGER__POSTING__INIT},
                    *list[2] = {&postings[0], &postings[1]};
    postings[0].asset = postings[1].asset = CONSE;
    postings[0].amount = -coins;
    postings[1].account = world->player;
    postings[1].amount = coins;
    entry.body_case = LEDGER__ENTRY__BODY_COINS_GIVEN;
    entry.coins_given = &world->given;
    entry.postings = list;
    entry.n_postings = 2;
    return follow(world, &entry);
}

// The player wins them, or nobody does.
static const char *judge(struct world *world, const uint8_t *of, bool won)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__GameJudged judged = LEDGER__GAME_JUDGED__INIT;
    judged.event = bytes_of(of);
    judged.day = DAY;
    if (won) {
        judged.players = &world->player;
        judged.n_players = 1;
        judged.coins = &world->coins;
        judged.n_coins = 1;
    } else {
        judged.verdict = MERIT_SHORT;
        judged.no_coins = &world->coins;
        judged.n_no_coins = 1;
    }
    entry.body_case = LEDGER__ENTRY__BODY_GAME_JUDGED;
    entry.game_judged = &judged;
    return follow(world, &entry);
}

static void they_are_given_once_when_both_are_there(void **state)
{
    struct world *world = *state;
    assert_non_null(give(world, COINS));
    assert_null(offer(world));
    assert_non_null(give(world, COINS));
    assert_null(judge(world, event, true));
    assert_non_null(give(world, COINS + 1));
    assert_null(give(world, COINS));
    assert_non_null(give(world, COINS));
    assert_null(merit_coins(&world->merit, key));
}

static void they_are_given_to_who_won_them(void **state)
{
    struct world *world = *state;
    assert_null(judge(world, event, true));
    assert_non_null(give(world, COINS)); // before they were offered
    assert_null(offer(world));
    world->given.account = 0;
    assert_non_null(give(world, COINS));
    world->given.account = world->player;
    world->offer.coins++;
    assert_non_null(give(world, COINS + 1));
    world->offer.coins--;
    assert_null(give(world, COINS));
}

static void what_is_no_offer_is_refused(void **state)
{
    struct world *world = *state;
    world->offer.coins = MERIT_COINS_MAX + 1;
    assert_non_null(offer(world));
    world->offer.coins = 0;
    assert_non_null(offer(world));
    world->offer.coins = COINS;
    world->offer.n_marks = 3;
    assert_non_null(offer(world));
    world->offer.n_marks = MERIT_MARKS;
    world->offer.key.len = 15;
    assert_non_null(offer(world));
    world->offer.key.len = MERIT_ID_BYTES;
    world->offered.n_offers = 0;
    assert_non_null(offer(world));
    world->offered.n_offers = 1;
    assert_null(offer(world));
    assert_non_null(offer(world)); // twice
}

static void what_nobody_won_is_forgotten(void **state)
{
    struct world *world = *state;
    assert_null(offer(world));
    assert_null(judge(world, event, false));
    assert_null(merit_coins(&world->merit, key));
    assert_null(judge(world, other_event, true));
    assert_non_null(judge(world, other_event, true));
}

static void a_guest_wins_them_with_an_account(void **state)
{
    struct world *world = *state;
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__GameJudged judged = LEDGER__GAME_JUDGED__INIT;
    Ledger__GuestSettled settled = LEDGER__GUEST_SETTLED__INIT;
    ProtobufCBinaryData guest = bytes_of(seat);
    judged.event = settled.event = bytes_of(event);
    judged.guests = &guest;
    judged.n_guests = 1;
    judged.held_until_ms = NOW + 10;
    entry.body_case = LEDGER__ENTRY__BODY_GAME_JUDGED;
    entry.game_judged = &judged;
    assert_null(follow(world, &entry));
    assert_null(offer(world));
    settled.seat = guest;
    settled.account = world->player;
    settled.coins = bytes_of(key);
    entry.body_case = LEDGER__ENTRY__BODY_GUEST_SETTLED;
    entry.guest_settled = &settled;
    assert_null(follow(world, &entry));
    assert_null(give(world, COINS));
}

static void bytes_have_what_waits(void **state)
{
    struct world *world = *state;
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__FollowedTo to = LEDGER__FOLLOWED_TO__INIT;
    struct merit read;
    world->marks[2] = 12.5;
    assert_null(offer(world));
    to.generation = 3;
    to.seq = 9;
    to.stream = 2;
    entry.body_case = LEDGER__ENTRY__BODY_FOLLOWED_TO;
    entry.followed_to = &to;
    assert_null(follow(world, &entry));
    const size_t size = merit_size(&world->merit);
    uint8_t *bytes = malloc(size);
    struct fields_writer writer = {bytes};
    merit_write(&world->merit, &writer);
    assert_true(writer.at == bytes + size);
    struct fields_reader reader = {.at = bytes, .left = size};
    merit_init(&read, seed);
    assert_true(merit_read(&read, &reader));
    const struct merit_coins *coins = merit_coins(&read, key);
    assert_non_null(coins);
    assert_true(coins->coins == COINS && coins->model == 7 && coins->marks[2] == 12.5 && !coins->account);
    assert_true(read.coins_generation == 3 && read.coins_seq == 9 && !read.followed_seq);
    merit_finish(&read);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_are_given_once_when_both_are_there),
        TEST(they_are_given_to_who_won_them),
        TEST(what_is_no_offer_is_refused),
        TEST(what_nobody_won_is_forgotten),
        TEST(a_guest_wins_them_with_an_account),
        TEST(bytes_have_what_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
