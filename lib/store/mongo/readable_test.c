// What people see of a row in a database's shell.
#include "accounts.pb-c.h"
#include "bus.pb-c.h"
#include "game.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "lib/store/mongo/mongo.h"
#include "tests/test.h"

static void assert_readable(const ProtobufCMessage *message, const char *json)
{
    bson_t document = BSON_INITIALIZER;
    mongo_append_readable(&document, "x", message);
    char *text = bson_as_relaxed_extended_json(&document, NULL);
    assert_string_equal(text, json);
    bson_free(text);
    bson_destroy(&document);
}

static void texts_numbers_times_and_words_are_there(void **state)
{
    Google__Protobuf__Timestamp time;
    Accounts__Session session = ACCOUNTS__SESSION__INIT;
    (void)state;
    google__protobuf__timestamp__init(&time);
    time.seconds = 86400;
    session.id = "s1";
    session.counter = 7;
    session.created_at = &time;
    session.kind = AUTH__LOGIN_KIND__VALUE__PASSWORD;
    assert_readable(&session.base,
                    "{ \"x\" : { \"id\" : \"s1\", \"counter\" : 7, \"created_at\" : { \"$date\" : "
                    "\"1970-01-02T00:00:00Z\" }, \"kind\" : \"PASSWORD\" } }");
}

static void secrets_and_bytes_are_not(void **state)
{
    Accounts__Account account = ACCOUNTS__ACCOUNT__INIT;
    Accounts__ApiKey key = ACCOUNTS__API_KEY__INIT;
    (void)state;
    account.id = "u1";
    account.password_hash = "$argon2id$...";
    assert_readable(&account.base, "{ \"x\" : { \"id\" : \"u1\" } }");
    key.id = "k1";
    key.mac = (ProtobufCBinaryData){3, (uint8_t *)"mac"};
    assert_readable(&key.base, "{ \"x\" : { \"id\" : \"k1\" } }");
}

static void what_is_no_utf8_or_too_long_is_left_out(void **state)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    (void)state;
    notice.stream = "\xff";
    notice.kind = "note";
    assert_readable(&notice.base, "{ \"x\" : { \"kind\" : \"note\" } }");
    char *text = malloc(300001);
    memset(text, 'a', 300000);
    text[300000] = 0;
    notice.kind = text;
    assert_readable(&notice.base, "{ }");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_numbers_times_and_words_are_there),
        cmocka_unit_test(secrets_and_bytes_are_not),
        cmocka_unit_test(what_is_no_utf8_or_too_long_is_left_out),
    };
    struct err err;
    if (!mongo_library_start(&err)) return fprintf(stderr, "%s\n", err.message), 1;
    return cmocka_run_group_tests_name("store: rows for people", tests, NULL, NULL);
}
