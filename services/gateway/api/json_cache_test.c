#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "auth.pb-c.h"
#include "services/gateway/api/json_cache.h"

static struct json_cache_source source(const char *payload, uint64_t hash)
{
    return (struct json_cache_source){&auth__user__descriptor, (const uint8_t *)payload, strlen(payload),
                                      hash};
}

static void assert_found(const struct json_cache *cache, struct json_cache_source wanted, const char *text)
{
    size_t len = 0;
    const char *found = json_cache_find(cache, &wanted, &len);
    assert_non_null(found);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(found, text, len);
}

static void assert_absent(const struct json_cache *cache, struct json_cache_source wanted)
{
    size_t len;
    assert_null(json_cache_find(cache, &wanted, &len));
}

static void keep(struct json_cache *cache, struct json_cache_source from, const char *text)
{
    json_cache_keep(cache, &from, text, strlen(text));
}

static void a_text_is_found_by_what_it_was_written_from(void **state)
{
    struct json_cache cache = {0};
    (void)state;
    assert_absent(&cache, source("one", 1));
    keep(&cache, source("one", 1), "{\"one\":1}");
    keep(&cache, source("two", 2), "{}");
    assert_found(&cache, source("one", 1), "{\"one\":1}");
    assert_found(&cache, source("two", 2), "{}");
    json_cache_finish(&cache);
}

static void equal_hashes_do_not_mix_payloads_or_types(void **state)
{
    struct json_cache cache = {0};
    struct json_cache_source other = source("one", 1);
    (void)state;
    keep(&cache, source("one", 1), "{}");
    assert_absent(&cache, source("two", 1));
    assert_absent(&cache, source("on", 1));
    assert_absent(&cache, source("one", 1 + JSON_CACHE_SLOTS));
    other.type = &auth__jwks__descriptor;
    assert_absent(&cache, other);
    json_cache_finish(&cache);
}

static void a_slot_keeps_what_came_last(void **state)
{
    struct json_cache cache = {0};
    (void)state;
    keep(&cache, source("one", 1), "{}");
    keep(&cache, source("another", 1 + JSON_CACHE_SLOTS), "{\"longer\":true}");
    assert_absent(&cache, source("one", 1));
    assert_found(&cache, source("another", 1 + JSON_CACHE_SLOTS), "{\"longer\":true}");
    json_cache_finish(&cache);
}

static void large_and_empty_ones_are_not_kept(void **state)
{
    struct json_cache cache = {0};
    char *text = calloc(1, JSON_CACHE_MOST_BYTES + 1);
    (void)state;
    memset(text, 'x', JSON_CACHE_MOST_BYTES);
    keep(&cache, source("one", 1), text);
    assert_absent(&cache, source("one", 1));
    keep(&cache, source("", 2), "{}");
    assert_absent(&cache, source("", 2));
    free(text);
    json_cache_finish(&cache);
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
