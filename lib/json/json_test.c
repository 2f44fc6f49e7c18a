#include <jansson.h>

#include "auth.pb-c.h"
#include "events.pb-c.h"
#include "lib/json/json.h"
#include "lib/schema/schema.h"
#include "tests/test.h"

struct fixture {
    struct arena arena;
    struct buf buf;
    struct err err;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    arena_init(&fixture.arena, 8 << 20);
    buf_init(&fixture.buf, 4 << 20);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    arena_finish(&f->arena);
    buf_finish(&f->buf);
    return 0;
}

static const char *written(struct fixture *f, const void *message)
{
    buf_reset(&f->buf);
    json_write(&f->buf, message, NULL);
    assert_false(f->buf.failed);
    return f->buf.bytes;
}

static void *parsed(struct fixture *f, const ProtobufCMessageDescriptor *type, const char *text)
{
    ProtobufCMessage *message = json_message_new(type, &f->arena);
    if (!json_parse(text, strlen(text), message, NULL, &f->arena, &f->err))
        fail_msg("%s: %s", text, f->err.message);
    return message;
}

static void refused(struct fixture *f, const ProtobufCMessageDescriptor *type, const char *text,
                    const char *field)
{
    ProtobufCMessage *message = json_message_new(type, &f->arena);
    f->err = (struct err){0};
    if (json_parse(text, strlen(text), message, NULL, &f->arena, &f->err)) fail_msg("%s was accepted", text);
    assert_true(err_is(&f->err, MALFORMED));
    assert_string_equal(f->err.field, field);
}

static void writes_every_field_of_an_event(void **state)
{
    Google__Protobuf__Timestamp utc = {PROTOBUF_C_MESSAGE_INIT(&google__protobuf__timestamp__descriptor),
                                       1796058000, 0};
    Events__WallTime starts = EVENTS__WALL_TIME__INIT;
    starts.local = "2026-12-01T20:30:00", starts.zone = "Asia/Tehran", starts.utc = &utc;
    Events__Price price = EVENTS__PRICE__INIT;
    price.amount = 18446744073709551615U, price.currency = EVENTS__PRICE__CURRENCY__LAMPORTS;
    Events__Status status = EVENTS__STATUS__INIT, *statuses[] = {&status};
    status.status = EVENTS__STATUS__VALUE__SILENT_2_PHASES, status.until_phase = 4;
    Events__Player player = EVENTS__PLAYER__INIT, *players[] = {&player};
    player.user_id = "u1", player.username = "zoë \"z\"\n", player.seat = 1, player.alive = 1,
    player.n_statuses = 1;
    player.statuses = statuses;
    Events__Event event = EVENTS__EVENT__INIT;
    event.id = "e1", event.state = EVENTS__EVENT__STATE__OPEN, event.starts_at = &starts,
    event.price = &price;
    event.n_players = 1, event.players = players, event.min_players = -1;
    // Up to the last field of a player that this test sets; others may follow.
    static const char expected[] =
        "{\"id\":\"e1\",\"group_id\":\"\",\"god_id\":\"\",\"deck_id\":\"\",\"deck_version\":"
        "0,\"title\":\"\",\"content\":\"\","
        "\"image_url\":\"\",\"state\":\"OPEN\",\"starts_at\":{\"local\":\"2026-12-01T20:30:"
        "00\",\"zone\":\"Asia/Tehran\","
        "\"utc\":\"2026-11-30T17:00:00Z\"},\"min_players\":-1,\"max_players\":0,\"seats_"
        "taken\":0,\"waitlisted\":0,"
        "\"price\":{\"amount\":\"18446744073709551615\",\"currency\":\"LAMPORTS\"},"
        "\"waitlist\":false,\"secret_ballot\":false,"
        "\"upvotes\":0,\"downvotes\":0,\"my_vote\":\"VOTE_UNSPECIFIED\",\"players\":[{\"user_"
        "id\":\"u1\",\"username\":"
        "\"zo\xc3\xab "
        "\\\"z\\\"\\n\",\"seat\":1,\"alive\":true,\"statuses\":[{\"status\":\"SILENT_2_"
        "PHASES\",\"until_phase\":4}],"
        "\"role_id\":\"\",\"side_id\":\"\",\"score\":0,\"guest\":false";
    const char *json = written(*state, &event);
    assert_memory_equal(json, expected, strlen(expected));
    json_t *read = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
    assert_string_equal(json_string_value(json_object_get(read, "act")), "0");
    assert_int_equal(json_array_size(json_object_get(read, "winning_side_ids")), 0);
    json_decref(read);
}

static void writes_bytes_times_and_unset_oneofs(void **state)
{
    uint8_t salt[] = {0xfb, 0xff, 0xfe, 0x00};
    Events__Proof proof = EVENTS__PROOF__INIT;
    proof.salt = (ProtobufCBinaryData){4, salt};
    assert_string_equal(written(*state, &proof), "{\"index\":0,\"salt\":\"+//+AA==\",\"siblings\":[]}");
    Auth__UpdateMeRequest update = AUTH__UPDATE_ME_REQUEST__INIT;
    assert_string_equal(written(*state, &update), "{}");
    update.phone__case = AUTH__UPDATE_ME_REQUEST__PHONE__PHONE, update.phone = "";
    assert_string_equal(written(*state, &update), "{\"phone\":\"\"}");
    Google__Protobuf__Empty empty = GOOGLE__PROTOBUF__EMPTY__INIT;
    assert_string_equal(written(*state, &empty), "{}");
    Google__Protobuf__Duration left = {PROTOBUF_C_MESSAGE_INIT(&google__protobuf__duration__descriptor), 3,
                                       500000000};
    Events__Phase phase = EVENTS__PHASE__INIT;
    phase.remaining = &left;
    assert_string_equal(written(*state, &phase), "{\"number\":0,\"day\":0,\"kind\":\"KIND_UNSPECIFIED\","
                                                 "\"state\":\"STATE_UNSPECIFIED\",\"remaining\":\"3.5s\"}");
}

static void mends_text_that_is_not_utf8(void **state)
{
    Auth__User user = AUTH__USER__INIT;
    user.username = "a\xff\x01z";
    json_error_t fault;
    json_t *tree = json_loads(written(*state, &user), 0, &fault);
    assert_non_null(tree);
    assert_string_equal(json_string_value(json_object_get(tree, "username")), "a?\001z");
    json_decref(tree);
}

static void finds_what_needs_an_escape_at_every_place(void **state)
{
    static const char *const special[] = {"\"", "\\", "\x1f", "\x01", "\x7f", "\xc3\xa9", "\xe2\x80\xa8"};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        for (int at = 0; at < 24; at++) {
            char text[64];
            snprintf(text, sizeof text, "%.*s%s%.*s", at, "abcdefghijklmnopqrstuvwxyz", special[i], 24 - at,
                     "~~~~~~~~~~~~~~~~~~~~~~~~");
            buf_reset(&f->buf);
            json_write_text(&f->buf, text);
            json_t *back = json_loads(f->buf.bytes, JSON_DECODE_ANY, NULL);
            assert_non_null(back);
            assert_string_equal(json_string_value(back), text);
            json_decref(back);
        }
}

static void says_when_the_buffer_is_full(void **state)
{
    struct buf small;
    Auth__User user = AUTH__USER__INIT;
    (void)state;
    buf_init(&small, 20);
    json_write(&small, (const ProtobufCMessage *)&user, NULL);
    assert_true(small.failed);
    buf_finish(&small);
}

static void parses_nested_messages(void **state)
{
    Events__CreateEventRequest *r =
        parsed(*state, &events__create_event_request__descriptor,
               "{\"title\":\"\\u0041\\ud83c\\udfad\",\"starts_at\":{\"local\":\"2026-12-01T20:30:00\","
               "\"zone\":\"Asia/Tehran\"},"
               "\"expires_at\":\"2026-12-03T20:30:00.250+03:30\",\"max_players\":12,\"min_players\":\"3\","
               "\"waitlist\":true,"
               "\"price\":{\"amount\":\"18446744073709551615\",\"currency\":\"FREE\"},\"content\":null}");
    assert_string_equal(r->title, "A\xf0\x9f\x8e\xad");
    assert_string_equal(r->starts_at->zone, "Asia/Tehran");
    assert_int_equal(r->expires_at->seconds, 1796144400 + 2 * 86400);
    assert_int_equal(r->expires_at->nanos, 250000000);
    assert_int_equal(r->max_players, 12);
    assert_int_equal(r->min_players, 3);
    assert_true(r->waitlist);
    assert_true(r->price->amount == 18446744073709551615U);
    assert_string_equal(r->content, "");
}

static void takes_64_bits_as_text_or_number(void **state)
{
    Events__LogRequest *r =
        parsed(*state, &events__log_request__descriptor, "{\"from\":7,\"wait\":\"0.050s\",\"limit\":5e1}");
    assert_int_equal(r->from, 7);
    assert_int_equal(r->wait->nanos, 50000000);
    assert_int_equal(r->limit, 50);
    r = parsed(*state, &events__log_request__descriptor, "{\"from\":\"18446744073709551615\"}");
    assert_true(r->from == UINT64_MAX);
}

static void takes_both_alphabets_of_base64(void **state)
{
    static const char *const forms[] = {"{\"nonce\":\"+//+AA==\"}", "{\"nonce\":\"-__-AA\"}",
                                        "{\"nonce\":\"+//+AA\"}", "{\"nonce\":\"-__-AA==\"}"};
    for (size_t i = 0; i < 4; i++) {
        Events__ReserveRequest *r = parsed(*state, &events__reserve_request__descriptor, forms[i]);
        assert_int_equal(r->nonce.len, 4);
        assert_memory_equal(r->nonce.data, "\xfb\xff\xfe\x00", 4);
    }
}

static void names_the_field_at_fault(void **state)
{
    const ProtobufCMessageDescriptor *deck = &events__create_deck_request__descriptor;
    refused(*state, deck, "{\"nme\":\"x\"}", "nme");
    refused(*state, deck, "{\"groupId\":\"x\"}", "groupId");
    refused(*state, deck, "{\"roles\":[{\"copies\":1},{\"copies\":2},{\"copies\":\"two\"}]}",
            "roles[2].copies");
    refused(*state, deck, "{\"roles\":[{\"copies\":2147483648}]}", "roles[0].copies");
    refused(*state, deck, "{\"roles\":[{\"copies\":1.5}]}", "roles[0].copies");
    refused(*state, deck, "{\"roles\":{\"copies\":1}}", "roles");
    refused(*state, deck, "{\"roles\":[null]}", "roles[0]");
    refused(*state, deck, "{\"roles\":[[]]}", "roles[0]");
    refused(*state, deck, "{\"name\":7}", "name");
    refused(*state, deck, "{\"name\":[\"x\"]}", "name");
    const ProtobufCMessageDescriptor *event = &events__create_event_request__descriptor;
    refused(*state, event, "{\"waitlist\":\"true\"}", "waitlist");
    refused(*state, event, "{\"waitlist\":1}", "waitlist");
    refused(*state, event, "{\"starts_at\":{\"zone\":{}}}", "starts_at.zone");
    refused(*state, event, "{\"price\":{\"currency\":\"CURRENCY_UNSPECIFIED\"}}", "price.currency");
    refused(*state, event, "{\"price\":{\"currency\":1}}", "price.currency");
    refused(*state, event, "{\"price\":{\"currency\":\"free\"}}", "price.currency");
    refused(*state, event, "{\"price\":{\"amount\":-1}}", "price.amount");
    refused(*state, event, "{\"price\":{\"amount\":\"18446744073709551616\"}}", "price.amount");
    refused(*state, event, "{\"price\":{\"amount\":\" 1\"}}", "price.amount");
    refused(*state, event, "{\"price\":{\"amount\":\"0x10\"}}", "price.amount");
    refused(*state, event, "{\"price\":{\"amount\":\"\"}}", "price.amount");
    refused(*state, &events__reserve_request__descriptor, "{\"nonce\":\"####\"}", "nonce");
    refused(*state, &events__reserve_request__descriptor, "{\"nonce\":\"AAAA=\"}", "nonce");
}

static void refuses_what_is_not_an_object_of_json(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "null",
        "7",
        "\"x\"",
        "[]",
        "{",
        "{}x",
        "{\"name\":\"x\",}",
        "{'name':1}",
        "{\"name\":\"x\" \"y\"}",
        "{\"name\":\"\xff\"}",
        "{\"name\":\"\xc0\x80\"}",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"\\u0000\"}",
        "{\"name\":\"\x01\"}",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"name\":\"a\",\"n\\u0061me\":\"b\"}",
        "{\"name\":NaN}",
        "{\"name\":01}",
        "\xef\xbb\xbf{}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(*state, &events__create_deck_request__descriptor, texts[i], "");
    struct fixture *f = *state;
    ProtobufCMessage *message = json_message_new(&events__create_deck_request__descriptor, &f->arena);
    assert_false(json_parse("{\"name\":\"a\0b\"}", 14, message, NULL, &f->arena, &f->err));
}

static void refuses_depth_and_masses(void **state)
{
    char deep[200];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    refused(*state, &auth__login_request__descriptor, deep, "");
    struct fixture *f = *state;
    buf_reset(&f->buf);
    buf_str(&f->buf, "{\"roles\":[");
    for (int i = 0; i < JSON_MAX_VALUES; i++) buf_str(&f->buf, "{},");
    buf_str(&f->buf, "{}]}");
    refused(f, &events__create_deck_request__descriptor, f->buf.bytes, "");
    // brackets inside a string are none
    assert_non_null(parsed(f, &events__create_deck_request__descriptor,
                           "{\"name\":\"[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}"));
}

static void refuses_fields_that_the_path_has(void **state)
{
    struct fixture *f = *state;
    static const char *const taken[] = {"user_id", NULL};
    ProtobufCMessage *message = json_message_new(&auth__set_level_request__descriptor, &f->arena);
    static const char text[] = "{\"level\":\"GOD\",\"user_id\":\"\"}";
    assert_false(json_parse(text, strlen(text), message, taken, &f->arena, &f->err));
    assert_string_equal(f->err.field, "user_id");
}

static void is_bounded_by_the_arena(void **state)
{
    struct fixture *f = *state;
    struct arena small;
    static const char text[] = "{\"roles\":[{},{},{},{},{},{},{},{}]}";
    arena_init(&small, 256);
    ProtobufCMessage *message = json_message_new(&events__create_deck_request__descriptor, &small);
    assert_false(json_parse(text, strlen(text), message, NULL, &small, &f->err));
    assert_true(err_is(&f->err, BODY_TOO_LARGE));
    arena_finish(&small);
}

static void sets_fields_from_parameters(void **state)
{
    struct fixture *f = *state;
    Events__ListEventsRequest *list =
        (void *)json_message_new(&events__list_events_request__descriptor, &f->arena);
    assert_true(json_set(&list->base, "status", "OPEN", &f->arena, &f->err));
    assert_true(json_set(&list->base, "page_size", "50", &f->arena, &f->err));
    assert_true(json_set(&list->base, "starts_after", "2026-12-01T00:00:00Z", &f->arena, &f->err));
    assert_true(json_set(&list->base, "q", "true", &f->arena, &f->err));
    assert_int_equal(list->status, EVENTS__EVENT__STATE__OPEN);
    assert_int_equal(list->page_size, 50);
    assert_int_equal(list->starts_after->seconds, 1796083200);
    assert_string_equal(list->q, "true");
    assert_false(json_set(&list->base, "page_size", "fifty", &f->arena, &f->err));
    assert_string_equal(f->err.field, "page_size");
    assert_false(json_set(&list->base, "status", "", &f->arena, &f->err));
    assert_false(json_set(&list->base, "nothing", "1", &f->arena, &f->err));
    assert_false(json_set(&list->base, "q", "\xff", &f->arena, &f->err));
    Events__ListRolesRequest *roles =
        (void *)json_message_new(&events__list_roles_request__descriptor, &f->arena);
    assert_true(json_set(&roles->base, "include_disabled", "true", &f->arena, &f->err));
    assert_true(roles->include_disabled);
    assert_false(json_set(&roles->base, "include_disabled", "1", &f->arena, &f->err));
    Events__FinishRequest *finish = (void *)json_message_new(&events__finish_request__descriptor, &f->arena);
    assert_false(json_set(&finish->base, "winning_side_ids", "x", &f->arena, &f->err));
}

// ---- Round trip of every type that crosses the API, with every field set to something.

static uint32_t random_state = 1;
static uint32_t random_number(void) { return random_state = random_state * 1664525 + 1013904223; }

static void fill(ProtobufCMessage *message, struct arena *arena);

static void fill_value(const ProtobufCFieldDescriptor *field, void *value, struct arena *arena)
{
    const ProtobufCEnumDescriptor *type = field->descriptor;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(char **)value = arena_printf(arena, "t\xc3\xa9\t\"%u\"\\/\x7f", random_number() % 1000);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        *(ProtobufCBinaryData *)value = (ProtobufCBinaryData){random_number() % 40, arena_alloc(arena, 40)};
        for (size_t i = 0; i < 40; i++)
            ((ProtobufCBinaryData *)value)->data[i] = (uint8_t)(random_number() >> 13);
        break;
    case PROTOBUF_C_TYPE_ENUM:
        *(int *)value = type->values[1 + random_number() % (type->n_values - 1)].value;
        break;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)value = 1;
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)value = json_message_new(field->descriptor, arena);
        fill(*(ProtobufCMessage **)value, arena);
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
        *(uint64_t *)value = (uint64_t)random_number() << 31 | random_number();
        break;
    case PROTOBUF_C_TYPE_UINT32:
        *(uint32_t *)value = random_number();
        break;
    case PROTOBUF_C_TYPE_INT32:
        *(int32_t *)value = (int32_t)random_number();
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        *(double *)value = (int32_t)random_number() / (1.0 + random_number());
        break;
    default:
        fail_msg("field type %d of %s is not tested", field->type, field->name);
    }
}

static void fill_field(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, struct arena *arena)
{
    char *base = (char *)message;
    const struct schema_packed *packed = schema_packed(message->descriptor);
    if (packed && field == &message->descriptor->fields[packed->field - 1])
        return; // what is beside it is not read
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t count = 1 + random_number() % 3, size = json_element_size(field->type);
        char *items = arena_array(arena, count, size);
        for (size_t i = 0; i < count; i++) fill_value(field, items + i * size, arena);
        *(size_t *)(base + field->quantifier_offset) = count;
        *(char **)(base + field->offset) = items;
        return;
    }
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        uint32_t *chosen = (uint32_t *)(base + field->quantifier_offset);
        if (*chosen) return;
        *chosen = field->id;
    }
    fill_value(field, base + field->offset, arena);
}

static void fill(ProtobufCMessage *message, struct arena *arena)
{
    if (message->descriptor == &google__protobuf__timestamp__descriptor ||
        message->descriptor == &google__protobuf__duration__descriptor) {
        Google__Protobuf__Timestamp *time =
            (Google__Protobuf__Timestamp *)message; // both have these two fields
        time->seconds = random_number() % 4000000000U;
        time->nanos = (int32_t)(random_number() % 1000000000U);
        return;
    }
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        fill_field(message, &message->descriptor->fields[i], arena);
}

static void round_trip(struct fixture *f, const ProtobufCMessageDescriptor *type)
{
    static uint8_t before[1 << 20], after[1 << 20];
    arena_reset(&f->arena);
    ProtobufCMessage *message = json_message_new(type, &f->arena), *back = json_message_new(type, &f->arena);
    fill(message, &f->arena);
    written(f, message);
    if (!json_parse(f->buf.bytes, f->buf.len, back, NULL, &f->arena, &f->err))
        fail_msg("%s: %s", type->name, f->err.message);
    size_t len = protobuf_c_message_pack(message, before);
    assert_int_equal(len, protobuf_c_message_pack(back, after));
    assert_memory_equal(before, after, len);
}

static void every_type_of_the_api_comes_back(void **state)
{
    size_t count;
    const struct schema_method *methods = schema_methods(&count);
    assert_true(count > 60);
    for (size_t i = 0; i < count; i++)
        for (int round = 0; round < 5; round++) {
            round_trip(*state, methods[i].request);
            round_trip(*state, methods[i].reply);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_every_field_of_an_event),
        TEST(writes_bytes_times_and_unset_oneofs),
        TEST(mends_text_that_is_not_utf8),
        TEST(finds_what_needs_an_escape_at_every_place),
        cmocka_unit_test(says_when_the_buffer_is_full),
        TEST(parses_nested_messages),
        TEST(takes_64_bits_as_text_or_number),
        TEST(takes_both_alphabets_of_base64),
        TEST(names_the_field_at_fault),
        TEST(refuses_what_is_not_an_object_of_json),
        TEST(refuses_depth_and_masses),
        TEST(refuses_fields_that_the_path_has),
        TEST(is_bounded_by_the_arena),
        TEST(sets_fields_from_parameters),
        TEST(every_type_of_the_api_comes_back),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
