#include "auth.pb-c.h"
#include "services/gateway/api/forms.h"
#include "tests/test.h"

static struct forms_source source(const char *payload, uint64_t hash)
{
    return (struct forms_source){&auth__user__descriptor, (const uint8_t *)payload, strlen(payload), hash};
}

static struct form *keep(struct forms *forms, struct forms_source from, const char *text)
{
    struct shared *shared = shared_create(text, strlen(text));
    struct form *form = forms_keep(forms, &from, shared);
    shared_drop(shared);
    return form;
}

static void assert_found(struct forms *forms, struct forms_source wanted, const char *text)
{
    const struct form *form = forms_find(forms, &wanted);
    assert_non_null(form);
    assert_int_equal(form->text->len, strlen(text));
    assert_memory_equal(form->text->bytes, text, strlen(text));
}

static void assert_absent(struct forms *forms, struct forms_source wanted)
{
    assert_null(forms_find(forms, &wanted));
}

static void a_text_is_found_by_what_it_was_written_from(void **state)
{
    struct forms *forms = forms_create(1 << 20);
    (void)state;
    assert_absent(forms, source("one", 1));
    assert_non_null(keep(forms, source("one", 1), "{\"one\":1}"));
    assert_non_null(keep(forms, source("two", 2), "{}"));
    assert_found(forms, source("one", 1), "{\"one\":1}");
    assert_found(forms, source("two", 2), "{}");
    forms_destroy(forms);
}

static void equal_hashes_do_not_mix_payloads_or_types(void **state)
{
    struct forms *forms = forms_create(1 << 20);
    struct forms_source other = source("one", 1);
    (void)state;
    keep(forms, source("one", 1), "{}");
    keep(forms, source("two", 1), "{\"two\":2}");
    assert_found(forms, source("one", 1), "{}");
    assert_found(forms, source("two", 1), "{\"two\":2}");
    assert_absent(forms, source("on", 1));
    assert_absent(forms, source("one", 2));
    other.type = &auth__jwks__descriptor;
    assert_absent(forms, other);
    forms_destroy(forms);
}

static void a_reply_that_is_sent_as_it_is_is_kept_once(void **state)
{
    static char image[2 * 1024 * 1024];
    struct forms *forms = forms_create(sizeof image + 1024);
    (void)state;
    image[7] = 7;
    struct forms_source source = {NULL, (const uint8_t *)image, sizeof image, 1}, other = source;
    struct shared *text = shared_create(image, sizeof image);
    assert_non_null(forms_keep(forms, &source, text));
    assert_ptr_equal(forms_find(forms, &source)->text, text);
    other.len--;
    assert_null(forms_find(forms, &other));
    image[7] = 8;
    assert_null(forms_find(forms, &source));
    shared_drop(text);
    forms_destroy(forms);
}

static void its_gzip_is_kept_beside_it(void **state)
{
    struct forms *forms = forms_create(1 << 20);
    struct shared *gzip = shared_create("zip", 3);
    (void)state;
    struct form *form = keep(forms, source("one", 1), "{}");
    assert_null(form->gzip);
    forms_keep_gzip(forms, form, gzip);
    shared_drop(gzip);
    struct forms_source again = source("one", 1);
    assert_memory_equal(forms_find(forms, &again)->gzip->bytes, "zip", 3);
    forms_destroy(forms);
}

static size_t gone;

static void on_gone(void *arg, size_t len)
{
    (void)arg, (void)len;
    gone++;
}

static void what_was_not_used_for_longest_goes_first(void **state)
{
    enum { COUNT = 100, TEXT = 10000 };
    static char texts[COUNT][TEXT];
    struct forms *forms = forms_create(COUNT / 2 * TEXT);
    char payload[16];
    (void)state;
    gone = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        struct shared *text = shared_create(texts[i], TEXT);
        text->gone = on_gone;
        snprintf(payload, sizeof payload, "p%u", (unsigned)i);
        struct forms_source from = source(payload, i);
        assert_non_null(forms_keep(forms, &from, text));
        shared_drop(text);
        struct forms_source first = source("p0", 0);
        assert_non_null(forms_find(forms, &first)); // used again and again, so it stays
    }
    assert_true(gone >= COUNT / 2 && gone <= COUNT / 2 + 3);
    assert_absent(forms, source("p1", 1));
    struct forms_source last = source("p99", 99);
    assert_non_null(forms_find(forms, &last));
    forms_destroy(forms);
    assert_int_equal(gone, COUNT);
}

static void who_sends_a_text_still_has_it_when_it_goes(void **state)
{
    struct forms *forms = forms_create(1 << 20);
    (void)state;
    struct shared *sent = shared_hold(keep(forms, source("one", 1), "{\"one\":1}")->text);
    forms_destroy(forms);
    assert_memory_equal(sent->bytes, "{\"one\":1}", sent->len);
    shared_drop(sent);
}

static void large_and_empty_ones_are_not_kept(void **state)
{
    struct forms *forms = forms_create(16 << 20), *none = forms_create(0);
    char *text = calloc(1, FORMS_MOST_BYTES + 1);
    (void)state;
    memset(text, 'x', FORMS_MOST_BYTES);
    assert_null(keep(forms, source("one", 1), text));
    assert_absent(forms, source("one", 1));
    assert_null(keep(forms, source("", 2), "{}"));
    assert_null(keep(none, source("one", 1), "{}"));
    free(text);
    forms_destroy(forms);
    forms_destroy(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_found_by_what_it_was_written_from),
        cmocka_unit_test(equal_hashes_do_not_mix_payloads_or_types),
        cmocka_unit_test(a_reply_that_is_sent_as_it_is_is_kept_once),
        cmocka_unit_test(its_gzip_is_kept_beside_it),
        cmocka_unit_test(what_was_not_used_for_longest_goes_first),
        cmocka_unit_test(who_sends_a_text_still_has_it_when_it_goes),
        cmocka_unit_test(large_and_empty_ones_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
