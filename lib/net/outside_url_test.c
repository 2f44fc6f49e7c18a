// URLs that people give: what leads outside, and every way to say something else.
#include "lib/net/outside_url.h"
#include "tests/test.h"

static const char *fault_of(const char *text, bool loopback)
{
    struct outside_url url;
    return outside_url_parse(&url, text, loopback);
}

static void what_leads_outside_is_taken(void **state)
{
    static const struct {
        const char *text, *host;
        unsigned port;
        bool literal;
    } good[] = {
        {"https://example.com", "example.com", 443, false},
        {"https://example.com/", "example.com", 443, false},
        {"https://Example.COM:8443/a?b=c&d=%20", "example.com", 8443, false},
        {"https://example.com?x", "example.com", 443, false},
        {"https://a.b.xn--p1ai:443/hook", "a.b.xn--p1ai", 443, false},
        {"https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, false},
        {"https://1.1.1.1/", "1.1.1.1", 443, true},
        {"https://[2001:4860:4860::8888]:8443/", "2001:4860:4860::8888", 8443, true},
        {"https://0x7f.com/", "0x7f.com", 443, false},
        {"https://1.example.com/@user", "1.example.com", 443, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct outside_url url;
        const char *fault = outside_url_parse(&url, good[i].text, false);
        if (fault) fail_msg("%s %s", good[i].text, fault);
        assert_string_equal(url.host, good[i].host);
        assert_int_equal(url.port, good[i].port);
        assert_int_equal(url.literal, good[i].literal);
        assert_true(url.tls);
    }
}

static void all_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "https://",
        "https:///",
        "https:/example.com",
        "//example.com",
        "example.com",
        "http://example.com/",
        "HTTPS://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com:443/",
        "javascript:alert(1)",
        " https://example.com/",
        "https://example.com/ ",
        "https://example.com/\n",
        "https://exam\tple.com/",
        "https://example.com/\x7f",
        "https://example.com#x",
        "https://example.com/#x",
        "https://example.com\\@127.0.0.1/",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://@example.com/",
        "https://1.1.1.1@127.0.0.1/",
        "https://example.com:443@127.0.0.1/",
        "https://b\u00fccher.example/",
        "https://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/",
        "https://\xe2\x93\x9bocalhost/",
        "https://127\u30020.0.1/",
        "https://ex%61mple.com/",
        "https://%31%32%37.0.0.1/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://127.0.0.01/",
        "https://0x7f.0x0.0x0.0x1/",
        "https://1.1.1.1.1/",
        "https://1.1.1/",
        "https://1.1.1.256/",
        "https://0/",
        "https://a.0x1/",
        "https://example.1/",
        "https://1.1.1.1./",
        "https://127.0.0.1./",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[fd00:ec2::254]/",
        "https://[::1/",
        "https://::1/",
        "https://[1.1.1.1]/",
        "https://[]/",
        "https://[2600::1]x/",
        "https://[2600::1]443/",
        "https://[[2600::1]]/",
        "https://localhost/",
        "https://metadata/",
        "https://redis:443/",
        "https://example.com./",
        "https://.example.com/",
        "https://example..com/",
        "https://-a.example.com/",
        "https://a-.example.com/",
        "https://a_b.example.com/",
        "https://*.example.com/",
        "https://example.com:/",
        "https://example.com:80/",
        "https://example.com:22/",
        "https://example.com:0443/",
        "https://example.com:65979/",
        "https://example.com:4294967739/",
        "https://example.com:443x/",
        "https://example.com:+443/",
        "https://example.com:443:443/",
        "https://example.com:6443/",
        "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com/",
        "https://example.com/{a}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!fault_of(bad[i], false)) fail_msg("%s", bad[i]);
}

static void a_url_has_a_bound(void **state)
{
    char text[OUTSIDE_URL_MOST + 2] = "https://example.com/";
    size_t len = strlen(text);
    (void)state;
    memset(text + len, 'a', sizeof text - 1 - len);
    text[OUTSIDE_URL_MOST] = 0;
    assert_null(fault_of(text, false));
    text[OUTSIDE_URL_MOST] = 'a';
    text[OUTSIDE_URL_MOST + 1] = 0;
    assert_non_null(fault_of(text, false));
    memset(text + 8, 'a', 300);
    for (size_t i = 8 + 60; i < 8 + 300; i += 60) text[i] = '.';
    text[OUTSIDE_URL_MOST] = 0;
    assert_non_null(fault_of(text, false)); // the host
}

static void tests_may_open_this_machine_and_no_other(void **state)
{
    (void)state;
    assert_null(fault_of("http://127.0.0.1:8080/", true));
    assert_null(fault_of("https://[::1]:8080/", true));
    assert_null(fault_of("http://localhost:8080/", true));
    assert_non_null(fault_of("http://10.0.0.1:8080/", true));
    assert_non_null(fault_of("http://0x7f.1:8080/", true));
    assert_non_null(fault_of("http://user@127.0.0.1:8080/", true));
    assert_non_null(fault_of("http://169.254.169.254/", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_leads_outside_is_taken),
        cmocka_unit_test(all_else_is_refused),
        cmocka_unit_test(a_url_has_a_bound),
        cmocka_unit_test(tests_may_open_this_machine_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
