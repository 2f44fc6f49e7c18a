// Who is writing is known for six seconds.
#include "services/events/chat/typing.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static struct typing *open_typing(void)
{
    struct typing *typing;
    struct err err;
    assert_true(typing_open(&typing, &err));
    return typing;
}

static void it_is_forgotten_after_six_seconds(void **state)
{
    struct uuid users[TYPING_IN_ROOM];
    int64_t next_ms;
    (void)state;
    struct typing *typing = open_typing();
    assert_true(typing_note(typing, "a.table", "ali", 1000));
    assert_false(typing_note(typing, "a.table", "ali", 2000));
    assert_true(typing_note(typing, "b.table", "sara", 2000));
    assert_int_equal(typing_in(typing, "a.table", 7999, users, &next_ms), 1);
    assert_int_equal(next_ms, 8000);
    assert_string_equal(users[0].text, "ali");
    assert_int_equal(typing_in(typing, "a.table", 8000, users, &next_ms), 0);
    assert_int_equal(next_ms, 0);
    assert_true(typing_note(typing, "a.table", "ali", 8000));
    typing_close(typing);
}

static void it_ends_with_the_message(void **state)
{
    struct uuid users[TYPING_IN_ROOM];
    int64_t next_ms;
    (void)state;
    struct typing *typing = open_typing();
    typing_note(typing, "a.table", "ali", 1000);
    typing_note(typing, "b.table", "ali", 1000);
    typing_end(typing, "a.table", "ali");
    assert_int_equal(typing_in(typing, "a.table", 1001, users, &next_ms), 0);
    assert_int_equal(typing_in(typing, "b.table", 1001, users, &next_ms), 1);
    typing_close(typing);
}

static void there_is_room_for_the_newest(void **state)
{
    struct uuid users[TYPING_IN_ROOM];
    int64_t next_ms;
    char name[16];
    (void)state;
    struct typing *typing = open_typing();
    for (int i = 0; i < TYPING_MOST + 5; i++) {
        snprintf(name, sizeof name, "user%d", i);
        typing_note(typing, i < 5 ? "old.table" : "a.table", name, 1000 + i);
    }
    assert_int_equal(typing_in(typing, "old.table", 2000, users, &next_ms), 0);
    assert_int_equal(typing_in(typing, "a.table", 2000, users, &next_ms), TYPING_IN_ROOM);
    typing_close(typing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_forgotten_after_six_seconds),
        cmocka_unit_test(it_ends_with_the_message),
        cmocka_unit_test(there_is_room_for_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
