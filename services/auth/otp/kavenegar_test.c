// What is asked of Kavenegar, and what its replies mean.
#include "services/auth/otp/kavenegar.h"
#include "tests/test.h"

static const struct auth_settings good = {
    .otp_kavenegar_url = "https://api.kavenegar.com",
    .otp_kavenegar_key = "6162636465666768",
    .otp_kavenegar_template = "conse-login",
};

static void the_request_is_a_lookup(void **state)
{
    (void)state;
    char url[KAVENEGAR_URL_MAX], form[KAVENEGAR_FORM_MAX];
    kavenegar_url(&good, url);
    assert_string_equal(url, "https://api.kavenegar.com/v1/6162636465666768/verify/lookup.json");
    kavenegar_form(&good, "+989121234567", "012345", form);
    assert_string_equal(form, "receptor=09121234567&token=012345&template=conse-login");
    kavenegar_form(&good, "+4915112345678", "012345", form);
    assert_string_equal(form, "receptor=004915112345678&token=012345&template=conse-login");
    struct auth_settings slash = good;
    slash.otp_kavenegar_url = "http://127.0.0.1:8080/sms//";
    kavenegar_url(&slash, url);
    assert_string_equal(url, "http://127.0.0.1:8080/sms/v1/6162636465666768/verify/lookup.json");
}

static void assert_refused(struct auth_settings settings, const char *field)
{
    struct err err;
    assert_false(kavenegar_check(&settings, &err));
    assert_string_equal(err.field, field);
    if (*settings.otp_kavenegar_key) assert_null(strstr(err.message, settings.otp_kavenegar_key));
}

static void settings_that_do_not_fit_are_named(void **state)
{
    (void)state;
    static const char *const urls[] = {"", "api.kavenegar.com", "ftp://x", "https://x/?a=b", "https://x y"},
                             *const texts[] = {"", "a/b", "a b", "a?b", "a%2e", "\xd8\xa7"};
    char key[200], form[KAVENEGAR_FORM_MAX], url[KAVENEGAR_URL_MAX];
    struct err err;
    struct auth_settings settings = good;
    assert_true(kavenegar_check(&settings, &err));
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        settings.otp_kavenegar_url = urls[i];
        assert_refused(settings, "CONSE_OTP_KAVENEGAR_URL");
    }
    settings = good;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        settings.otp_kavenegar_key = texts[i];
        assert_refused(settings, "CONSE_OTP_KAVENEGAR_KEY");
        settings.otp_kavenegar_key = good.otp_kavenegar_key;
        settings.otp_kavenegar_template = texts[i];
        assert_refused(settings, "CONSE_OTP_KAVENEGAR_TEMPLATE");
        settings.otp_kavenegar_template = good.otp_kavenegar_template;
    }
    memset(key, 'a', sizeof key);
    key[161] = 0;
    settings.otp_kavenegar_key = key;
    assert_refused(settings, "CONSE_OTP_KAVENEGAR_KEY");
    key[160] = 0; // the longest of all
    settings.otp_kavenegar_template = key + 160 - 64;
    assert_true(kavenegar_check(&settings, &err));
    kavenegar_form(&settings, "+123456789012345", "012345", form);
    assert_non_null(strstr(form, "&template=aaaa"));
    assert_int_equal(strlen(strstr(form, "aaaa")), 64);
    kavenegar_url(&settings, url);
    assert_non_null(strstr(url, "/verify/lookup.json"));
}

static long status(long http, const char *body) { return kavenegar_status(http, body, strlen(body)); }

static void the_body_says_how_it_went(void **state)
{
    (void)state;
    assert_int_equal(status(200, "{\"return\":{\"status\":200,\"message\":\"ok\"},\"entries\":[]}"), 200);
    assert_int_equal(status(200, "{\"return\":{\"status\":418,\"message\":\"no credit\"},\"entries\":null}"),
                     418);
    assert_int_equal(status(200, "{\"return\":{\"status\":409}}"), 503); // later
    assert_int_equal(status(409, ""), 503);
    assert_int_equal(status(403, "{\"return\":{\"status\":200}}"), 403);
    static const char *const unread[] = {"",
                                         "ok",
                                         "[]",
                                         "{}",
                                         "{\"return\":200}",
                                         "{\"return\":{\"status\":\"200\"}}",
                                         "{\"return\":{\"status\":-200}}",
                                         "{\"return\":{\"status\":200}"};
    for (size_t i = 0; i < sizeof unread / sizeof *unread; i++) assert_int_equal(status(200, unread[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_a_lookup),
        cmocka_unit_test(settings_that_do_not_fit_are_named),
        cmocka_unit_test(the_body_says_how_it_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
