// Who may ask: programs by their bit, levels by their number.
#include "lib/schema/passport.h"
#include "events.pb-c.h"
#include "tests/test.h"

#define ASKER(name) CONSE__ASKER__VALUE__##name
#define NEEDS(name) CONSE__METHOD__LEVEL__##name

static void a_program_asks_for_what_names_it(void **state)
{
    (void)state;
    const struct schema_method method = {.name = "x.Y", .callers = 1U << ASKER(GATEWAY)};
    struct err err;
    assert_true(passport_check_asker(&method, ASKER(GATEWAY), &err));
    static const unsigned others[] = {0, ASKER(OPERATOR), 31, 32, 33, 77, 0xffffffff};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(passport_check_asker(&method, (Conse__Asker__Value)others[i], &err));
        assert_true(err_is(&err, CALLER_REFUSED));
    }
}

static void a_level_lets_in_itself_and_those_above(void **state)
{
    (void)state;
    enum { IN = 0, LOG_IN = CONSE__REASON__VALUE__TOKEN_INVALID, LOW = CONSE__REASON__VALUE__LEVEL_TOO_LOW };
    static const struct {
        Conse__Method__Level needs;
        int by_level[4]; // nobody, dev, god, player
    } rows[] = {
        {NEEDS(PUBLIC), {IN, IN, IN, IN}},    {NEEDS(OPTIONAL), {IN, IN, IN, IN}},
        {NEEDS(USER), {LOG_IN, IN, IN, IN}},  {NEEDS(GOD), {LOG_IN, IN, IN, LOW}},
        {NEEDS(DEV), {LOG_IN, IN, LOW, LOW}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t level = 0; level <= LEVEL_PLAYER; level++) {
            const struct schema_method method = {.name = "x.Y", .level = rows[i].needs};
            struct err err = {0};
            bool in = passport_check_level(&method, level, &err);
            assert_int_equal(in, rows[i].by_level[level] == IN);
            assert_int_equal(err.reason, rows[i].by_level[level]);
        }
}

// ---- Owners

#define ME "01890000-0000-7000-8000-000000000001"
#define ANOTHER "01890000-0000-7000-8000-000000000002"

static bool may_free(const char *user_id, uint32_t level, const char *seat_of, struct err *err)
{
    Events__SeatRequest request = EVENTS__SEAT_REQUEST__INIT;
    Rpc__Caller caller = RPC__CALLER__INIT;
    request.event_id = ANOTHER;
    request.user_id = seat_of;
    caller.user_id = user_id;
    caller.level = level;
    return passport_check_owners(schema_method("events.CancelReservation"), &request.base, &caller, err);
}

static void one_who_can_be_no_owner_is_refused_before_anything_is_read(void **state)
{
    (void)state;
    struct err err;
    assert_true(may_free(ME, LEVEL_PLAYER, ME, &err));
    assert_false(may_free(ME, LEVEL_PLAYER, ANOTHER, &err));
    assert_true(err_is(&err, LEVEL_TOO_LOW));
    assert_true(may_free(ME, LEVEL_GOD, ANOTHER, &err));
    assert_true(may_free("", LEVEL_DEV, ANOTHER, &err)); // the operator
}

static void someone_elses_is_refused_as_its_existence_says(void **state)
{
    (void)state;
    const struct schema_method known = {.existence = CONSE__METHOD__EXISTENCE__KNOWN},
                               hidden = {.existence = CONSE__METHOD__EXISTENCE__HIDDEN};
    struct err err;
    assert_false(passport_refuse(&known, "group", &err));
    assert_true(err_is(&err, NOT_OWNER));
    assert_false(passport_refuse(&hidden, "deck", &err));
    assert_true(err_is(&err, NOT_FOUND));
    assert_string_equal(err.message, "there is no such deck");
}

// ---- Streams

static const Rpc__Caller nobody = RPC__CALLER__INIT;

static void a_stream_is_its_readers_alone(void **state)
{
    (void)state;
    enum { ABSENT = STREAM_ABSENT, NUMBERS = STREAM_NUMBERS, WHOLE = STREAM_WHOLE };
    static const struct schema_stream streams[] = {
        {"events", "events.*.god", 1U << ASKER(OPERATOR), 1U << ASKER(GATEWAY), NEEDS(GOD), false, false,
         false},
        {"events", "events.ends", 1U << ASKER(OPERATOR), 0, 0, false, false, false},
        {"events", "users.*", 0, 1U << ASKER(GATEWAY), NEEDS(USER), false, false, false},
        {0},
    };
    static const struct {
        const char *name;
        int gateway, operator;
    } rows[] = {
        {"events.1.god", NUMBERS, WHOLE},
        {"events.ends", ABSENT, WHOLE},
        {"users.7", NUMBERS, ABSENT},
        {"events.1.gods", ABSENT, ABSENT},
        {"events.1.2.god", ABSENT, ABSENT},
        {"events..god", ABSENT, ABSENT},
        {"events.endsx", ABSENT, ABSENT},
        {"users.", ABSENT, ABSENT},
        {"users.7.x", ABSENT, ABSENT},
        {"user", ABSENT, ABSENT},
        {"", ABSENT, ABSENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(passport_stream(streams, ASKER(GATEWAY), &nobody, rows[i].name), rows[i].gateway);
        assert_int_equal(passport_stream(streams, ASKER(OPERATOR), &nobody, rows[i].name), rows[i].operator);
        assert_int_equal(passport_stream(streams, (Conse__Asker__Value)77, &nobody, rows[i].name), ABSENT);
        assert_int_equal(passport_stream(streams, ASKER(ASKER_UNSPECIFIED), &nobody, rows[i].name), ABSENT);
    }
}

static void users_read_what_says_their_level(void **state)
{
    (void)state;
    static const struct schema_stream streams[] = {
        {"events", "public", 0, 1U << ASKER(GATEWAY), NEEDS(PUBLIC), false, false, false},
        {"events", "users", 1U << ASKER(GATEWAY), 0, NEEDS(USER), false, false, false},
        {"events", "gods", 1U << ASKER(GATEWAY), 0, NEEDS(GOD), false, false, false},
        {"events", "nobodys", 1U << ASKER(GATEWAY), 0, 0, false, false, false},
        {"events", "operators", 1U << ASKER(OPERATOR), 0, NEEDS(PUBLIC), false, false, false},
        {0},
    };
    static const int rights[][3] = {{2, 2, 2}, {2, 2, 2}, {2, 2, 0}, {0, 0, 0}, {0, 0, 0}};
    Rpc__Caller caller = RPC__CALLER__INIT;
    caller.user_id = ME;
    for (size_t i = 0; streams[i].name; i++)
        for (caller.level = LEVEL_DEV; caller.level <= LEVEL_PLAYER; caller.level++)
            assert_int_equal(passport_stream(streams, ASKER(GATEWAY), &caller, streams[i].name),
                             rights[i][caller.level - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_asks_for_what_names_it),
        cmocka_unit_test(a_level_lets_in_itself_and_those_above),
        cmocka_unit_test(one_who_can_be_no_owner_is_refused_before_anything_is_read),
        cmocka_unit_test(someone_elses_is_refused_as_its_existence_says),
        cmocka_unit_test(a_stream_is_its_readers_alone),
        cmocka_unit_test(users_read_what_says_their_level),
    };
    return cmocka_run_group_tests_name("passport", tests, NULL, NULL);
}
