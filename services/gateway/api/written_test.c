#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auth.pb-c.h"
#include "services/gateway/api/written.h"

static struct written_source source(const char *payload, uint64_t hash)
{
    return (struct written_source){&auth__user__descriptor, (const uint8_t *)payload, strlen(payload), hash};
}

static void assert_found(const struct written *written, struct written_source wanted, const char *text)
{
    size_t len = 0;
    const char *found = written_find(written, &wanted, &len);
    assert_non_null(found);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(found, text, len);
}

static void assert_absent(const struct written *written, struct written_source wanted)
{
    size_t len;
    assert_null(written_find(written, &wanted, &len));
}

static void keep(struct written *written, struct written_source from, const char *text)
{
    written_keep(written, &from, text, strlen(text));
}

static void a_text_is_found_by_what_it_was_written_from(void **state)
{
    struct written written = {0};
    (void)state;
    assert_absent(&written, source("one", 1));
    keep(&written, source("one", 1), "{\"one\":1}");
    keep(&written, source("two", 2), "{}");
    assert_found(&written, source("one", 1), "{\"one\":1}");
    assert_found(&written, source("two", 2), "{}");
    written_finish(&written);
}

static void equal_hashes_do_not_mix_payloads_or_types(void **state)
{
    struct written written = {0};
    struct written_source other = source("one", 1);
    (void)state;
    keep(&written, source("one", 1), "{}");
    assert_absent(&written, source("two", 1));
    assert_absent(&written, source("on", 1));
    assert_absent(&written, source("one", 1 + WRITTEN_SLOTS));
    other.type = &auth__jwks__descriptor;
    assert_absent(&written, other);
    written_finish(&written);
}

static void a_slot_keeps_what_came_last(void **state)
{
    struct written written = {0};
    (void)state;
    keep(&written, source("one", 1), "{}");
    keep(&written, source("another", 1 + WRITTEN_SLOTS), "{\"longer\":true}");
    assert_absent(&written, source("one", 1));
    assert_found(&written, source("another", 1 + WRITTEN_SLOTS), "{\"longer\":true}");
    written_finish(&written);
}

static void large_and_empty_ones_are_not_kept(void **state)
{
    struct written written = {0};
    char *text = calloc(1, WRITTEN_MOST_BYTES + 1);
    (void)state;
    memset(text, 'x', WRITTEN_MOST_BYTES);
    keep(&written, source("one", 1), text);
    assert_absent(&written, source("one", 1));
    keep(&written, source("", 2), "{}");
    assert_absent(&written, source("", 2));
    free(text);
    written_finish(&written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_found_by_what_it_was_written_from),
        cmocka_unit_test(equal_hashes_do_not_mix_payloads_or_types),
        cmocka_unit_test(a_slot_keeps_what_came_last),
        cmocka_unit_test(large_and_empty_ones_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
