// Messages of which a part is written.
#include "auth.pb-c.h"
#include "events.pb-c.h"
#include "lib/json/json.h"
#include "tests/test.h"

#define PICKS(...)                                                                                           \
    (&(const struct json_selection){(const struct json_pick[]){__VA_ARGS__},                                 \
                                    sizeof((const struct json_pick[]){__VA_ARGS__}) /                        \
                                        sizeof(struct json_pick)})

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *type, const char *name)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(type, name);
    assert_non_null(field);
    return field;
}

#define EVENT(name) field_of(&events__event__descriptor, name)
#define PLAYER(name) field_of(&events__player__descriptor, name)
#define STATUS(name) field_of(&events__status__descriptor, name)
#define TIME(name) field_of(&events__wall_time__descriptor, name)

static void assert_written(const void *message, const struct json_selection *selection, const char *text)
{
    struct buf buf;
    buf_init(&buf, 1 << 16);
    json_write(&buf, message, selection);
    assert_false(buf.failed);
    assert_string_equal(buf.bytes, text);
    buf_finish(&buf);
}

struct evening {
    Events__Event event;
    Google__Protobuf__Timestamp utc;
    Events__WallTime starts;
    Events__Status statuses[2], *status_list[2];
    Events__Player players[2], *player_list[2];
};

static const Events__Event *evening(void)
{
    static struct evening it;
    google__protobuf__timestamp__init(&it.utc);
    it.utc.seconds = 1796058000;
    events__wall_time__init(&it.starts);
    it.starts.local = "2026-12-01T20:30:00", it.starts.utc = &it.utc;
    for (int i = 0; i < 2; i++) {
        events__status__init(it.status_list[i] = &it.statuses[i]);
        it.statuses[i].status = i ? EVENTS__STATUS__VALUE__DEAD : EVENTS__STATUS__VALUE__SILENT_2_PHASES;
        events__player__init(it.player_list[i] = &it.players[i]);
        it.players[i].username = i ? "bob" : "zo\xc3\xab \"z\"";
        it.players[i].seat = i + 1;
    }
    it.players[0].n_statuses = 2, it.players[0].statuses = it.status_list;
    events__event__init(&it.event);
    it.event.id = "e1", it.event.act = 18446744073709551615U, it.event.state = EVENTS__EVENT__STATE__OPEN;
    it.event.starts_at = &it.starts;
    it.event.n_players = 2, it.event.players = it.player_list;
    return &it.event;
}

static void what_is_picked_is_written_in_its_order_and_under_its_name(void **state)
{
    (void)state;
    assert_written(evening(),
                   PICKS({"state", EVENT("state"), NULL, NULL}, {"myId", EVENT("id"), NULL, NULL},
                         {"id", EVENT("id"), NULL, NULL}, {"act", EVENT("act"), NULL, NULL}),
                   "{\"state\":\"OPEN\",\"myId\":\"e1\",\"id\":\"e1\",\"act\":\"18446744073709551615\"}");
}

static void a_list_takes_the_inner_picks_for_each(void **state)
{
    (void)state;
    const struct json_selection *statuses = PICKS({"is", STATUS("status"), NULL, NULL});
    assert_written(
        evening(),
        PICKS({"players", EVENT("players"), NULL,
               PICKS({"name", PLAYER("username"), NULL, NULL}, {"s", PLAYER("statuses"), NULL, statuses})},
              {"winners", EVENT("winning_side_ids"), NULL, NULL}),
        "{\"players\":[{\"name\":\"zo\xc3\xab \\\"z\\\"\",\"s\":[{\"is\":\"SILENT_2_PHASES\"},{\"is\":"
        "\"DEAD\"}]},{\"name\":\"bob\",\"s\":[]}],\"winners\":[]}");
}

static void a_message_without_inner_picks_is_written_whole(void **state)
{
    (void)state;
    assert_written(
        evening(), PICKS({"at", EVENT("starts_at"), NULL, NULL}),
        "{\"at\":{\"local\":\"2026-12-01T20:30:00\",\"zone\":\"\",\"utc\":\"2026-11-30T17:00:00Z\"}}");
    assert_written(evening(),
                   PICKS({"at", EVENT("starts_at"), NULL, PICKS({"utc", TIME("utc"), NULL, NULL})}),
                   "{\"at\":{\"utc\":\"2026-11-30T17:00:00Z\"}}");
}

static void what_is_unset_is_null(void **state)
{
    (void)state;
    Auth__UpdateMeRequest update = AUTH__UPDATE_ME_REQUEST__INIT;
    const struct json_selection *phone =
        PICKS({"phone", field_of(&auth__update_me_request__descriptor, "phone"), NULL, NULL});
    assert_written(evening(),
                   PICKS({"price", EVENT("price"), NULL, PICKS({"x", NULL, "1", NULL})},
                         {"created", EVENT("created_at"), NULL, NULL}),
                   "{\"price\":null,\"created\":null}");
    assert_written(&update, phone, "{\"phone\":null}");
    update.phone__case = AUTH__UPDATE_ME_REQUEST__PHONE__PHONE, update.phone = "";
    assert_written(&update, phone, "{\"phone\":\"\"}");
}

static void a_text_is_written_as_it_is(void **state)
{
    (void)state;
    assert_written(evening(), PICKS({"__typename", NULL, "\"Event\"", NULL}, {"id", EVENT("id"), NULL, NULL}),
                   "{\"__typename\":\"Event\",\"id\":\"e1\"}");
    assert_written(evening(), &(const struct json_selection){NULL, 0}, "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_picked_is_written_in_its_order_and_under_its_name),
        cmocka_unit_test(a_list_takes_the_inner_picks_for_each),
        cmocka_unit_test(a_message_without_inner_picks_is_written_whole),
        cmocka_unit_test(what_is_unset_is_null),
        cmocka_unit_test(a_text_is_written_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
