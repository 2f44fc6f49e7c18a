// What is packed in bytes is written beside them.
#include <jansson.h>

#include "events.pb-c.h"
#include "game.pb-c.h"
#include "lib/json/json.h"
#include "tests/test.h"

static char text[1 << 16];

static const char *written(const void *payload, size_t len)
{
    struct buf buf;
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    entry.index = 7;
    entry.kind = "X";
    entry.payload = (ProtobufCBinaryData){len, (uint8_t *)payload};
    buf_init(&buf, sizeof text);
    json_write(&buf, &entry.base, NULL);
    assert_false(buf.failed);
    snprintf(text, sizeof text, "%s", buf.bytes);
    buf_finish(&buf);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    json_decref(json);
    return text;
}

static const char *written_entry(const Game__Entry *entry)
{
    uint8_t bytes[4096];
    size_t len = game__entry__get_packed_size(entry);
    assert_true(len <= sizeof bytes);
    game__entry__pack(entry, bytes);
    return written(bytes, len);
}

static void assert_has(const char *json, const char *part)
{
    if (!strstr(json, part)) fail_msg("%s is not in %s", part, json);
}

static Game__Entry entry_of(Game__Entry__BodyCase which, void *body)
{
    Game__Entry entry = GAME__ENTRY__INIT;
    entry.time_ms = 1796058000000;
    entry.body_case = which;
    entry.opened = body; // all members lie at one place
    return entry;
}

static void every_field_of_the_body_is_there(void **state)
{
    (void)state;
    Game__StatusSet set = GAME__STATUS_SET__INIT;
    set.user_id = "u1";
    set.status = EVENTS__STATUS__VALUE__SILENT_2_PHASES;
    Game__Entry entry = entry_of(GAME__ENTRY__BODY_STATUS_SET, &set);
    entry.actor = "g1";
    assert_has(written_entry(&entry), "\",\"actor_id\":\"g1\",\"fields\":{\"user_id\":\"u1\",\"status\":"
                                      "\"SILENT_2_PHASES\",\"until_phase\":0},\"salt\":\"\"");
    Game__PhaseOpened opened = GAME__PHASE_OPENED__INIT;
    opened.number = 3;
    opened.kind = EVENTS__PHASE__KIND__NIGHT;
    opened.closes_ms = 1796058060000;
    entry = entry_of(GAME__ENTRY__BODY_PHASE_OPENED, &opened);
    assert_has(written_entry(&entry),
               "\"actor_id\":\"\",\"fields\":{\"number\":3,\"day\":0,\"kind\":\"NIGHT\",\"closes_ms\":"
               "\"1796058060000\"}");
    Game__Reopened empty = GAME__REOPENED__INIT;
    entry = entry_of(GAME__ENTRY__BODY_REOPENED, &empty);
    assert_has(written_entry(&entry), "\"actor_id\":\"\",\"fields\":{},");
}

static void messages_lists_and_bytes_in_it_are_written_as_elsewhere(void **state)
{
    (void)state;
    Game__Locked locked = GAME__LOCKED__INIT;
    const char *ids[] = {"a", "b"};
    ProtobufCBinaryData hashes[] = {{3, (uint8_t *)"\x00\x10\x83"}, {0, NULL}};
    locked.k = 2;
    locked.n_user_ids = locked.n_nonce_hashes = 2;
    locked.user_ids = ids;
    locked.nonce_hashes = hashes;
    Game__Entry entry = entry_of(GAME__ENTRY__BODY_LOCKED, &locked);
    assert_has(written_entry(&entry),
               "\"fields\":{\"k\":2,\"user_ids\":[\"a\",\"b\"],\"nonce_hashes\":[\"ABCD\",\"\"]}");
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    Game__RoleChanged changed = GAME__ROLE_CHANGED__INIT;
    facts.role_id = "r1";
    changed.user_id = "u1";
    entry = entry_of(GAME__ENTRY__BODY_ROLE_CHANGED, &changed);
    assert_has(written_entry(&entry), "\"fields\":{\"user_id\":\"u1\",\"side_id\":\"\""); // unset message
    changed.role = &facts;
    assert_has(written_entry(&entry), "\"fields\":{\"user_id\":\"u1\",\"role\":{\"role_id\":\"r1\",");
    Game__Noted noted = GAME__NOTED__INIT;
    noted.text = "a \"quote\"\n\xD8\xB3";
    entry = entry_of(GAME__ENTRY__BODY_NOTED, &noted);
    assert_has(written_entry(&entry), "\"text\":\"a \\\"quote\\\"\\n\xD8\xB3\"");
}

static void assert_bare(const void *payload, size_t len)
{
    const char *json = written(payload, len);
    assert_null(strstr(json, "actor_id"));
    assert_null(strstr(json, "fields"));
    assert_has(json, "\"index\":\"7\"");
}

static void bytes_that_are_no_such_message_stand_alone(void **state)
{
    (void)state;
    assert_bare("", 0);
    assert_bare("\xFF\xFF\xFF", 3);
    assert_bare("\x12\x7F", 2);                                          // cut short
    assert_bare("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12); // a number without an end
    assert_bare("\x92\x03\x02\x0A\x7F", 5);                              // a status whose field is cut short
}

static void of_an_unknown_body_the_rest_is_written(void **state)
{
    (void)state;
    static const uint8_t unknown[] = {0x12, 2, 'g', '1', 0xFA, 0x3F, 0}; // field 1023
    const char *json = written(unknown, sizeof unknown);
    assert_has(json, "\"actor_id\":\"g1\",\"salt\"");
    assert_null(strstr(json, "fields"));
}

static void text_in_it_that_is_not_utf8_is_mended(void **state)
{
    (void)state;
    static const uint8_t bad[] = {0x12, 2, 'g', 0xFF};
    assert_has(written(bad, sizeof bad), "\"actor_id\":\"g?\"");
}

static void what_is_far_larger_unpacked_is_left_packed(void **state)
{
    (void)state;
    enum { ROLES = 1 << 19 };
    size_t len = 0, body = 2 * ROLES;
    uint8_t *bytes = malloc(body + 16);
    assert_non_null(bytes);
    bytes[len++] = 0x52; // opened
    for (size_t left = body;; left >>= 7) {
        bytes[len++] = (uint8_t)(left & 0x7F) | (left > 0x7F ? 0x80 : 0);
        if (left <= 0x7F) break;
    }
    for (size_t i = 0; i < ROLES; i++) bytes[len++] = 0x3A, bytes[len++] = 0; // an empty role
    struct buf buf;
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    entry.payload = (ProtobufCBinaryData){len, bytes};
    buf_init(&buf, 64 << 20);
    json_write(&buf, &entry.base, NULL);
    assert_false(buf.failed);
    assert_null(strstr(buf.bytes, "fields"));
    assert_has(buf.bytes + buf.len - 40, "\"leaf\":\"\",\"cursor\":\"\"}");
    buf_finish(&buf);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_the_body_is_there),
        cmocka_unit_test(messages_lists_and_bytes_in_it_are_written_as_elsewhere),
        cmocka_unit_test(bytes_that_are_no_such_message_stand_alone),
        cmocka_unit_test(of_an_unknown_body_the_rest_is_written),
        cmocka_unit_test(text_in_it_that_is_not_utf8_is_mended),
        cmocka_unit_test(what_is_far_larger_unpacked_is_left_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
