#include <sys/stat.h>

#include "services/gateway/site/site.h"
#include "tests/test.h"

static char folder[TEST_FOLDER_BYTES];

static int set_up(void **state)
{
    (void)state;
    test_folder_make(folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_folder_remove(folder);
    return 0;
}

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char index_json[] =
    "{\"/\": {\"file\": \"index.html\", \"type\": \"text/html; charset=utf-8\"},"
    " \"/docs\": {\"file\": \"docs.html\", \"type\": \"text/html; charset=utf-8\"},"
    " \"/assets/app-1.js\": {\"file\": \"app-1.js\", \"type\": \"text/javascript\", \"immutable\": true}}";

static struct site *load(void)
{
    struct site *site;
    struct err err;
    put("site.json", index_json);
    put("index.html", "<!doctype html>");
    put("docs.html", "<!doctype html><title>API</title>");
    put("app-1.js", "export {}");
    put("app-1.js.gz", "packed");
    put("app-1.js.br", "better packed");
    assert_true(site_load(&site, folder, &err));
    return site;
}

static void files_are_found_by_their_paths_alone(void **state)
{
    static const char *const absent[] = {
        "/assets/app-1.js.gz",     "/assets/../site.json", "/site.json",
        "/assets/%61pp-1.js",      "/assets/app-1.js/",    "//assets/app-1.js",
        "/assets/app-1.js?",       "/ASSETS/app-1.js",     "",
        "/assets/../../etc/passwd"};
    struct site *site = load();
    (void)state;
    const struct page *page = site_find(site, "/assets/app-1.js");
    assert_non_null(page);
    assert_int_equal(page->plain.len, strlen("export {}"));
    assert_memory_equal(page->plain.body, "export {}", page->plain.len);
    assert_memory_equal(page->gzipped.body, "packed", page->gzipped.len);
    assert_memory_equal(page->brotli.body, "better packed", page->brotli.len);
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) assert_null(site_find(site, absent[i]));
    site_free(site);
}

static void forms_have_tags_of_their_own(void **state)
{
    struct site *site = load();
    const struct page *page = site_find(site, "/assets/app-1.js");
    (void)state;
    assert_string_not_equal(page->plain.etag, page->gzipped.etag);
    assert_string_not_equal(page->gzipped.etag, page->brotli.etag);
    assert_string_not_equal(page->plain.etag, site_shell(site)->plain.etag);
    site_free(site);
}

static void pages_alone_have_a_policy_and_files_with_a_hash_never_change(void **state)
{
    struct site *site = load();
    const struct page *page = site_find(site, "/assets/app-1.js"), *shell = site_shell(site);
    (void)state;
    assert_true(page->immutable);
    assert_null(page->policy);
    assert_false(shell->immutable);
    assert_non_null(strstr(shell->policy, "default-src 'self'"));
    assert_null(strstr(shell->policy, "unsafe"));
    assert_string_equal(site_find(site, "/docs")->policy, shell->policy);
    assert_null(shell->brotli.body);
    site_free(site);
}

static void a_site_without_a_folder_has_nothing(void **state)
{
    struct site *site;
    struct err err;
    (void)state;
    assert_true(site_load(&site, "", &err));
    assert_null(site_shell(site));
    assert_null(site_find(site, "/assets/app-1.js"));
    site_free(site);
}

static void refuses_what_the_build_does_not_make(void **state)
{
    static const char *const faulty[] = {"[]",
                                         "{}",
                                         "{\"/\": {\"file\": \"index.html\"}}",
                                         "{\"/\": {\"file\": \"absent\", \"type\": \"t\"}}",
                                         "{\"/\": {\"file\": \"../index.html\", \"type\": \"t\"}}",
                                         "{\"/\": {\"file\": \"/etc/passwd\", \"type\": \"t\"}}",
                                         "{\"/\": {\"file\": \"index.html\", \"type\": \"t\"}, \"x\": "
                                         "{\"file\": \"index.html\", \"type\": \"t\"}}",
                                         "{\"/\": {\"file\": \"index.html\", \"type\": \"t\"}, \"/\": "
                                         "{\"file\": \"index.html\", \"type\": \"t\"}}"};
    struct site *site;
    struct err err;
    (void)state;
    assert_false(site_load(&site, folder, &err)); // no index
    put("index.html", "<!doctype html>");
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        put("site.json", faulty[i]);
        if (site_load(&site, folder, &err)) fail_msg("%s", faulty[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_are_found_by_their_paths_alone),
        TEST(forms_have_tags_of_their_own),
        TEST(pages_alone_have_a_policy_and_files_with_a_hash_never_change),
        TEST(a_site_without_a_folder_has_nothing),
        TEST(refuses_what_the_build_does_not_make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
