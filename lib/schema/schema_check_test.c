#include "auth.pb-c.h"
#include "events.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "lib/base/reason.h"
#include "lib/schema/schema.h"
#include "tests/test.h"

static void refused(const void *message, const char *field)
{
    struct err err;
    assert_false(schema_check(message, &err));
    assert_true(err_is(&err, INVALID_FIELD));
    assert_string_equal(err.field, field);
}

static void accepted(const void *message)
{
    struct err err;
    assert_true(schema_check(message, &err));
}

static void strings_are_required_bounded_and_formed(void **state)
{
    (void)state;
    Auth__SignupRequest r = AUTH__SIGNUP_REQUEST__INIT;
    refused(&r, "username");
    r.username = "mira";
    refused(&r, "password");
    r.password = "1234567";
    refused(&r, "password");
    r.password = "12345678";
    accepted(&r);
    r.username = "mira mira";
    refused(&r, "username");
    r.username = "mira";
    r.phone = "12345";
    refused(&r, "phone");
    r.phone = "+989121234567";
    accepted(&r);
    r.password = "1234567\x80";
    refused(&r, "password");
}

static void elements_are_named_by_index(void **state)
{
    (void)state;
    static const char *id = "017f22e2-79b0-7fff-bfff-ffffffffffff";
    Events__DeckRole good = EVENTS__DECK_ROLE__INIT, bad = EVENTS__DECK_ROLE__INIT;
    good.role_id = bad.role_id = id;
    good.copies = 1;
    bad.copies = 101;
    Events__DeckRole *roles[] = {&good, &bad};
    Events__CreateDeckRequest r = EVENTS__CREATE_DECK_REQUEST__INIT;
    r.group_id = id;
    r.name = "classic";
    refused(&r, "roles");
    r.roles = roles;
    r.n_roles = 1;
    accepted(&r);
    r.n_roles = 2;
    refused(&r, "roles[1].copies");
    bad.copies = -1;
    refused(&r, "roles[1].copies");
    bad.copies = 0;
    refused(&r, "roles[1].copies");
}

static void a_list_has_a_maximum(void **state)
{
    (void)state;
    static const char *id = "017f22e2-79b0-7fff-bfff-ffffffffffff";
    const char *sides[9];
    for (int i = 0; i < 9; i++) sides[i] = id;
    Events__FinishRequest r = EVENTS__FINISH_REQUEST__INIT;
    r.event_id = id;
    r.winning_side_ids = sides;
    r.n_winning_side_ids = 9;
    refused(&r, "winning_side_ids");
    r.n_winning_side_ids = 8;
    accepted(&r);
    sides[7] = "citizens";
    refused(&r, "winning_side_ids[7]");
}

static void unset_members_of_a_oneof_are_left_alone(void **state)
{
    (void)state;
    Auth__UpdateMeRequest r = AUTH__UPDATE_ME_REQUEST__INIT;
    accepted(&r);
    r.username__case = AUTH__UPDATE_ME_REQUEST__USERNAME__USERNAME;
    r.username = "";
    refused(&r, "username");
}

static void what_must_be_given_may_be_zero(void **state)
{
    (void)state;
    static const char *id = "017f22e2-79b0-7fff-bfff-ffffffffffff";
    Events__ScoreRequest r = EVENTS__SCORE_REQUEST__INIT;
    r.event_id = r.user_id = id;
    refused(&r, "score");
    r.score__case = EVENTS__SCORE_REQUEST__SCORE__SCORE;
    accepted(&r);
    r.score = 256;
    refused(&r, "score");

    Events__Weight weight = EVENTS__WEIGHT__INIT, *weights[] = {&weight};
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    open.event_id = weight.user_id = id;
    open.kind = EVENTS__POLL__KIND__TRIAL;
    open.weights = weights;
    open.n_weights = 1;
    refused(&open, "weights[0].weight");
    weight.weight__case = EVENTS__WEIGHT__WEIGHT__WEIGHT;
    accepted(&open);
}

static void enums_must_be_known(void **state)
{
    (void)state;
    Auth__SetLevelRequest r = AUTH__SET_LEVEL_REQUEST__INIT;
    r.user_id = "017f22e2-79b0-7fff-bfff-ffffffffffff";
    refused(&r, "level");
    r.level = (Auth__Level__Value)7;
    refused(&r, "level");
    r.level = AUTH__LEVEL__VALUE__GOD;
    accepted(&r);
}

static void nested_messages_are_named_by_path(void **state)
{
    (void)state;
    static const char *id = "017f22e2-79b0-7fff-bfff-ffffffffffff";
    Events__LocalTime time = EVENTS__LOCAL_TIME__INIT;
    Events__CreateEventRequest r = EVENTS__CREATE_EVENT_REQUEST__INIT;
    r.group_id = r.deck_id = id;
    r.title = "An evening";
    r.max_players = 8;
    refused(&r, "starts_at");
    r.starts_at = &time;
    refused(&r, "starts_at.local");
    time.local = "2026-12-01T20:30:00";
    time.zone = "Asia/../Tehran";
    refused(&r, "starts_at.zone");
}

static void every_reason_has_a_code_and_a_sentence(void **state)
{
    (void)state;
    size_t count;
    const struct reason *reasons = reason_all(&count);
    for (size_t i = 1; i < count; i++) {
        if (!reasons[i].name) continue;
        assert_int_not_equal(reasons[i].code, CONSE__CODE__OK);
        assert_true(strlen(reasons[i].doc) > 5);
    }
    assert_string_equal(reason_find((Conse__Reason__Value)9999)->name, "INTERNAL_ERROR");
}

static void methods_are_found_by_name(void **state)
{
    (void)state;
    const struct schema_method *login = schema_method("auth.Login");
    assert_ptr_equal(login->request, &auth__login_request__descriptor);
    assert_int_equal(login->class, CONSE__CLASS__SLOW);
    assert_null(schema_method("auth.Nothing"));
}

static const char *field_name(const ProtobufCMessageDescriptor *type, uint8_t field)
{
    return field ? type->fields[field - 1].name : "";
}

static void a_method_carries_its_passport(void **state)
{
    (void)state;
    const struct schema_method *seat = schema_method("events.CancelReservation");
    assert_int_equal(seat->level, CONSE__METHOD__LEVEL__USER);
    assert_int_equal(seat->existence, CONSE__METHOD__EXISTENCE__KNOWN);
    assert_int_equal(seat->callers, 1 << CONSE__ASKER__VALUE__GATEWAY | 1 << CONSE__ASKER__VALUE__AI);
    assert_int_equal(seat->owners[0].kind, CONSE__METHOD__OWNER__KIND__SELF);
    assert_string_equal(field_name(seat->request, seat->owners[0].field), "user_id");
    assert_int_equal(seat->owners[1].kind, CONSE__METHOD__OWNER__KIND__EVENT_GOD);
    assert_int_equal(seat->owners[2].kind, 0);
    assert_string_equal(field_name(seat->request, seat->route_key), "event_id"); // follows from its god
    assert_string_equal(seat->keyed_stream, "events");
    assert_null(seat->keyed_table);
    assert_false(seat->repeatable || seat->fresh_feed);
    const struct schema_method *log = schema_method("events.ReadLog");
    assert_string_equal(field_name(log->request, log->wait), "wait");
    assert_string_equal(field_name(log->reply, log->news), "entries");
    assert_true(log->repeatable);
    const struct schema_method *image = schema_method("events.PutGroupImage");
    assert_string_equal(field_name(image->request, image->raw_body.body), "image");
    assert_string_equal(image->raw_body.media[1], "image/jpeg");
    assert_null(image->raw_body.media[3]);
    assert_true(image->fresh_feed);
    const struct schema_method *foul = schema_method("events.FoulPlayer");
    assert_int_equal(foul->owners[0].kind, CONSE__METHOD__OWNER__KIND__EVENT_GOD_OR_ASSISTANT);
    assert_string_equal(field_name(foul->request, foul->route_key), "event_id");
    assert_true(foul->fresh_feed); // of any user, but for who has power
}

static void nobodys_object_has_no_owner(void **state)
{
    (void)state;
    size_t count;
    const struct schema_method *methods = schema_methods(&count);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(methods[i].owners);
        assert_int_equal(methods[i].owners->kind != 0, methods[i].existence != 0);
    }
}

static void lengths_count_characters(void **state)
{
    char name[128 * 4 + 5] = "";
    Events__CreateGroupRequest r = EVENTS__CREATE_GROUP_REQUEST__INIT;
    Auth__SignupRequest signup = AUTH__SIGNUP_REQUEST__INIT;
    (void)state;
    for (int i = 0; i < 128; i++)
        strcat(name, i % 2 ? "\xda\xaf" : "\xf0\x9f\x90\xba"); // a Persian letter, a wolf
    r.name = name;
    accepted(&r);
    strcat(name, "a");
    refused(&r, "name");
    signup.username = "mira";
    signup.password = "\xda\xaf\xda\xaf\xda\xaf\xda\xaf"; // four letters
    refused(&signup, "password");
    signup.password = "\xda\xaf\xda\xaf\xda\xaf\xda\xaf\xda\xaf\xda\xaf\xda\xaf\xda\xaf";
    accepted(&signup);
}

static void durations_end_at_a_second(void **state)
{
    Google__Protobuf__Duration timer = GOOGLE__PROTOBUF__DURATION__INIT;
    Events__OpenPhaseRequest r = EVENTS__OPEN_PHASE_REQUEST__INIT;
    (void)state;
    r.event_id = "017f22e2-79b0-7fff-bfff-ffffffffffff";
    r.kind = EVENTS__PHASE__KIND__DAY;
    r.timer = &timer;
    accepted(&r);
    timer.seconds = 604800;
    accepted(&r);
    timer.nanos = 1;
    refused(&r, "timer");
    timer = (Google__Protobuf__Duration)GOOGLE__PROTOBUF__DURATION__INIT;
    timer.nanos = -1;
    refused(&r, "timer");
    timer.seconds = INT64_MIN;
    refused(&r, "timer");
}

static void ids_are_lowered_where_rules_say_so(void **state)
{
    char deck[] = "017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFF", role[] = "017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFE",
         name[] = "017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFD",
         candidate[] = "017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFC";
    char *candidates[] = {candidate};
    Events__DeckRole one = EVENTS__DECK_ROLE__INIT;
    Events__DeckRole *roles[] = {&one};
    Events__UpdateDeckRequest edit = EVENTS__UPDATE_DECK_REQUEST__INIT;
    Events__OpenPollRequest poll = EVENTS__OPEN_POLL_REQUEST__INIT;
    Events__BallotRequest ballot = EVENTS__BALLOT_REQUEST__INIT;
    (void)state;
    one.role_id = role;
    edit.deck_id = deck;
    edit.name__case = EVENTS__UPDATE_DECK_REQUEST__NAME__NAME;
    edit.name = name;
    edit.roles = roles;
    edit.n_roles = 1;
    schema_lower_ids(&edit.base);
    assert_string_equal(deck, "017f22e2-79b0-7fff-bfff-ffffffffffff");
    assert_string_equal(role, "017f22e2-79b0-7fff-bfff-fffffffffffe");
    assert_string_equal(name, "017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFD"); // is none
    poll.candidates = (const char **)candidates;
    poll.n_candidates = 1;
    schema_lower_ids(&poll.base);
    assert_string_equal(candidate, "017f22e2-79b0-7fff-bfff-fffffffffffc");
    ballot.event_id = ballot.poll_id = deck;
    ballot.candidate_id = "NONE";
    schema_lower_ids(&ballot.base);
    accepted(&ballot);
    ballot.candidate_id = "none";
    refused(&ballot, "candidate_id");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_lowered_where_rules_say_so),
        cmocka_unit_test(lengths_count_characters),
        cmocka_unit_test(durations_end_at_a_second),
        cmocka_unit_test(strings_are_required_bounded_and_formed),
        cmocka_unit_test(elements_are_named_by_index),
        cmocka_unit_test(a_list_has_a_maximum),
        cmocka_unit_test(unset_members_of_a_oneof_are_left_alone),
        cmocka_unit_test(what_must_be_given_may_be_zero),
        cmocka_unit_test(enums_must_be_known),
        cmocka_unit_test(nested_messages_are_named_by_path),
        cmocka_unit_test(every_reason_has_a_code_and_a_sentence),
        cmocka_unit_test(methods_are_found_by_name),
        cmocka_unit_test(a_method_carries_its_passport),
        cmocka_unit_test(nobodys_object_has_no_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
