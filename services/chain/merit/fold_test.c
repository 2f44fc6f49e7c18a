// What the ledger refuses of rewards, and what it remembers of them as bytes.
#include "tests/test.h"

#include "services/chain/merit/merit.h"

enum { DAY = 20000, NOW = 1000, PEOPLE = 3 };

static const uint8_t seed[16], event[MERIT_ID_BYTES] = {1}, other_event[MERIT_ID_BYTES] = {2};
static uint8_t guest[MERIT_ID_BYTES] = {3};

struct world {
    struct merit merit;
    struct ledger_accounts accounts;
    uint32_t numbers[PEOPLE];
};

static int set_up(void **state)
{
    struct world *world = *state = calloc(1, sizeof *world);
    merit_init(&world->merit, seed);
    assert_true(ledger_accounts_init(&world->accounts, seed));
    for (uint8_t i = 0; i < PEOPLE; i++) {
        const struct ledger_owner owner = {.kind = LEDGER_USER, .id = {i + 1}};
        const struct ledger_account account = {.bytes = {i + 1}};
        world->numbers[i] = ledger_accounts_add(&world->accounts, &owner, &account);
    }
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

static ProtobufCBinaryData bytes_of(const uint8_t *bytes, size_t len)
{
    return (ProtobufCBinaryData){len, (uint8_t *)bytes};
}

// All members of the oneof are pointers in one place.
static const char *follow_entry(struct world *world, Ledger__Entry__BodyCase which, void *body,
                                int64_t now_ms)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    entry.time_ms = now_ms;
    entry.body_case = which;
    entry.game_judged = body;
    const char *wrong = merit_check(&world->merit, &world->accounts, &entry);
    if (!wrong) merit_apply(&world->merit, &entry);
    return wrong;
}

#define FOLLOW(world, CASE, message) follow_entry(world, LEDGER__ENTRY__BODY_##CASE, &(message), NOW)

// Two get a card, and a guest may.
static Ledger__GameJudged make_judgement(const struct world *world, const uint8_t of[MERIT_ID_BYTES])
{
    static uint32_t players[2];
    static ProtobufCBinaryData guests[2];
    Ledger__GameJudged judged = LEDGER__GAME_JUDGED__INIT;
    players[0] = world->numbers[0];
    players[1] = world->numbers[1];
    guests[0] = guests[1] = bytes_of(guest, sizeof guest);
    judged.event = bytes_of(of, MERIT_ID_BYTES);
    judged.day = DAY;
    judged.god = world->numbers[2];
    judged.players = players;
    judged.n_players = 2;
    judged.guests = guests;
    judged.n_guests = 1;
    judged.held_until_ms = NOW + 10;
    return judged;
}

static void a_judgement_is_whole_or_none(void **state)
{
    struct world *world = *state;
    Ledger__GameJudged judged = make_judgement(world, event);
#define REFUSED(change)                                                                                      \
    do {                                                                                                     \
        judged = make_judgement(world, event);                                                               \
        change;                                                                                              \
        assert_non_null(FOLLOW(world, GAME_JUDGED, judged));                                                 \
    } while (0)
    REFUSED(judged.event.len = 15);
    REFUSED(judged.verdict = MERIT_SHORT); // and gives something
    REFUSED((judged.n_players = 0, judged.n_guests = 0));
    REFUSED(judged.god = 99);
    REFUSED(judged.players[1] = 99);
    REFUSED(judged.players[1] = 0); // the issuance
    REFUSED(judged.guests[0].len = 3);
    REFUSED(judged.n_guests = 2); // the same one
    REFUSED(judged.held_until_ms = NOW);
#undef REFUSED
    judged = make_judgement(world, event);
    assert_null(FOLLOW(world, GAME_JUDGED, judged));
    assert_non_null(FOLLOW(world, GAME_JUDGED, judged)); // once
    judged = make_judgement(world, other_event);
    assert_non_null(FOLLOW(world, GAME_JUDGED, judged)); // the guest has a seat
}

static void counts_are_of_a_day(void **state)
{
    struct world *world = *state;
    uint32_t player = world->numbers[0], god = world->numbers[2];
    Ledger__GameJudged judged = make_judgement(world, event);
    assert_null(FOLLOW(world, GAME_JUDGED, judged));
    assert_int_equal(merit_count(&world->merit, player, MERIT_PLAYER, DAY), 1);
    assert_int_equal(merit_count(&world->merit, player, MERIT_GOD, DAY), 0);
    assert_int_equal(merit_count(&world->merit, god, MERIT_GOD, DAY), 1);
    assert_int_equal(merit_count(&world->merit, player, MERIT_PLAYER, DAY - 1), 1);
    assert_int_equal(merit_count(&world->merit, player, MERIT_PLAYER, DAY + 1), 0);
    judged = make_judgement(world, other_event);
    judged.n_guests = 0;
    judged.day = DAY + 1;
    assert_null(FOLLOW(world, GAME_JUDGED, judged));
    assert_int_equal(merit_count(&world->merit, player, MERIT_PLAYER, DAY + 1), 1);
}

static void a_guest_is_settled_once_and_in_time(void **state)
{
    struct world *world = *state;
    Ledger__GameJudged judged = make_judgement(world, event);
    Ledger__GuestSettled settled = LEDGER__GUEST_SETTLED__INIT;
    assert_null(FOLLOW(world, GAME_JUDGED, judged));
    settled.event = bytes_of(other_event, MERIT_ID_BYTES);
    settled.seat = bytes_of(guest, sizeof guest);
    settled.account = world->numbers[0];
    settled.day = DAY;
    assert_non_null(FOLLOW(world, GUEST_SETTLED, settled)); // another event's
    settled.event = bytes_of(event, MERIT_ID_BYTES);
    settled.verdict = MERIT_UNVERIFIED;
    assert_non_null(FOLLOW(world, GUEST_SETTLED, settled)); // and somebody gets it
    settled.verdict = MERIT_REWARDED;
    assert_non_null(follow_entry(world, LEDGER__ENTRY__BODY_GUEST_SETTLED, &settled, NOW + 10));
    assert_null(FOLLOW(world, GUEST_SETTLED, settled));
    assert_non_null(FOLLOW(world, GUEST_SETTLED, settled));
    assert_int_equal(merit_count(&world->merit, world->numbers[0], MERIT_PLAYER, DAY), 2);
}

static void what_is_taken_back_holds_nothing(void **state)
{
    struct world *world = *state;
    Ledger__GameJudged judged = make_judgement(world, event);
    Ledger__GameTakenBack taken = LEDGER__GAME_TAKEN_BACK__INIT;
    taken.event = bytes_of(event, MERIT_ID_BYTES);
    assert_null(FOLLOW(world, GAME_JUDGED, judged));
    assert_null(FOLLOW(world, GAME_TAKEN_BACK, taken));
    assert_null(FOLLOW(world, GAME_TAKEN_BACK, taken));
    assert_null(merit_guest(&world->merit, guest));
    taken.event = bytes_of(other_event, MERIT_ID_BYTES);
    assert_null(FOLLOW(world, GAME_TAKEN_BACK, taken));
    judged = make_judgement(world, other_event);
    assert_non_null(FOLLOW(world, GAME_JUDGED, judged)); // too late
}

// By then it is too old to be judged again.
static void a_game_is_known_for_weeks(void **state)
{
    enum { GAMES = 500 };
    struct world *world = *state;
    uint8_t id[MERIT_ID_BYTES] = {0};
    Ledger__GameJudged judged;
    assert_true(MERIT_KNOWN_MS > MERIT_LATE_MS && MERIT_LATE_MS > MERIT_HELD_MS);
    for (int i = 0; i < GAMES; i++) {
        memcpy(id, &i, sizeof i);
        judged = make_judgement(world, id);
        judged.n_guests = 0;
        assert_null(follow_entry(world, LEDGER__ENTRY__BODY_GAME_JUDGED, &judged, NOW + i % 2));
    }
    for (int64_t i = 0; i < 2; i++) {
        id[MERIT_ID_BYTES - 1]++; // another one
        judged = make_judgement(world, id);
        judged.n_guests = 0;
        judged.day = DAY + 40 + i;
        assert_null(follow_entry(world, LEDGER__ENTRY__BODY_GAME_JUDGED, &judged, NOW + MERIT_KNOWN_MS + i));
        assert_int_equal(world->merit.games.count, i ? 2 : GAMES / 2 + 1);
    }
}

static void it_is_the_same_from_its_bytes(void **state)
{
    struct world *world = *state;
    struct merit again;
    Ledger__GameJudged judged = make_judgement(world, event);
    assert_null(FOLLOW(world, GAME_JUDGED, judged));
    size_t size = merit_size(&world->merit);
    uint8_t *bytes = malloc(size);
    struct fields_writer writer = {bytes};
    merit_write(&world->merit, &writer);
    assert_ptr_equal(writer.at, bytes + size);
    struct fields_reader reader = {bytes, size, false};
    merit_init(&again, seed);
    assert_true(merit_read(&again, &reader) && fields_is_whole(&reader));
    assert_true(merit_knows(&again, event));
    assert_int_equal(merit_guest(&again, guest)->until_ms, NOW + 10);
    assert_int_equal(merit_count(&again, world->numbers[1], MERIT_PLAYER, DAY), 1);
    merit_finish(&again);
    for (size_t cut = 0; cut < size; cut++) {
        reader = (struct fields_reader){bytes, cut, false};
        merit_init(&again, seed);
        assert_false(merit_read(&again, &reader));
        merit_finish(&again);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_judgement_is_whole_or_none),        TEST(counts_are_of_a_day),
        TEST(a_guest_is_settled_once_and_in_time), TEST(what_is_taken_back_holds_nothing),
        TEST(a_game_is_known_for_weeks),           TEST(it_is_the_same_from_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
