#include "auth.pb-c.h"
#include "lib/base/arena.h"
#include "tests/test.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t size = 1; size < 3000; size += 7) {
        unsigned char *p = arena_alloc(&arena, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++) assert_int_equal(p[i], 0);
        memset(p, 0xAB, size);
    }
    arena_finish(&arena);
}

static void refusal_is_sticky_until_reset(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1000);
    assert_non_null(arena_alloc(&arena, 900));
    assert_null(arena_alloc(&arena, 200));
    assert_true(arena.failed);
    assert_null(arena_alloc(&arena, 1));
    arena_reset(&arena);
    assert_false(arena.failed);
    assert_non_null(arena_alloc(&arena, 1));
    assert_null(arena_array(&arena, SIZE_MAX / 2, 4));
    arena_finish(&arena);
}

static void a_reset_keeps_little(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64 << 20);
    assert_non_null(arena_alloc(&arena, 10 << 20));
    arena_reset(&arena);
    assert_null(arena.blocks);
    for (int i = 0; i < 100; i++) assert_non_null(arena_alloc(&arena, 4000));
    arena_reset(&arena);
    assert_int_equal(arena.used_bytes, 0);
    arena_finish(&arena);
}

static void texts_are_copied(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    assert_string_equal(arena_str(&arena, "seat"), "seat");
    assert_string_equal(arena_strn(&arena, "seats", 4), "seat");
    assert_string_equal(arena_printf(&arena, "%s %d", "seat", 7), "seat 7");
    arena_finish(&arena);
}

static void messages_unpack_into_it(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    Auth__LoginRequest request = AUTH__LOGIN_REQUEST__INIT;
    request.username = "mira";
    request.password = "a long password";
    uint8_t packed[64];
    size_t len = auth__login_request__pack(&request, packed);
    Auth__LoginRequest *back = auth__login_request__unpack(&arena.allocator, len, packed);
    assert_string_equal(back->username, "mira");
    assert_string_equal(back->password, "a long password");
    arena_reset(&arena);
    arena.cap_bytes = 16;
    assert_null(auth__login_request__unpack(&arena.allocator, len, packed));
    assert_true(arena.failed);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned), cmocka_unit_test(refusal_is_sticky_until_reset),
        cmocka_unit_test(a_reset_keeps_little),         cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(messages_unpack_into_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
