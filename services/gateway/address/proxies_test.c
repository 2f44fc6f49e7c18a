#include "services/gateway/address/proxies.h"
#include "tests/test.h"

static struct proxies ours(const char *text)
{
    struct proxies proxies;
    struct err err;
    assert_true(proxies_parse(text, &proxies, &err));
    return proxies;
}

static struct address address(const char *text)
{
    struct address found;
    assert_true(address_parse(text, strlen(text), &found));
    return found;
}

// Who 10.0.0.1 speaks for when it sends these lines, ended by NULL.
static const char *client_of(const char *const *lines)
{
    static char out[ADDRESS_SIZE];
    struct proxies proxies = ours("10.0.0.0/8, fd00::/8");
    struct address peer = address("10.0.0.1");
    struct forwarded forwarded = {.count = 0};
    for (; *lines; lines++) forwarded_add(&forwarded, *lines);
    peer = proxies_client(&proxies, &peer, &forwarded);
    address_print(&peer, out);
    return out;
}

#define CLIENT(...) client_of((const char *const[]){__VA_ARGS__, NULL})

static void reads_the_setting(void **state)
{
    (void)state;
    assert_int_equal(ours("").count, 0);
    assert_int_equal(ours("  ").count, 0);
    assert_int_equal(ours("::1").count, 1);
    struct proxies proxies = ours(" 10.0.0.0/8 ,192.0.2.7,\tfd00::/8 ");
    assert_int_equal(proxies.count, 3);
    struct address in = address("192.0.2.7"), out = address("192.0.2.8");
    assert_true(proxies_trust(&proxies, &in));
    assert_false(proxies_trust(&proxies, &out));
}

static void names_the_entry_that_is_wrong(void **state)
{
    struct proxies proxies;
    struct err err;
    (void)state;
    assert_false(proxies_parse("10.0.0.0/8, 10.0.0.0/33, ::1", &proxies, &err));
    assert_string_equal(err.message, "\"10.0.0.0/33\" is not an address or a network like 10.0.0.0/8");
    assert_false(proxies_parse("10.0.0.0/8,", &proxies, &err));
    assert_string_equal(err.message, "\"\" is not an address or a network like 10.0.0.0/8");
    assert_false(proxies_parse("proxy.example", &proxies, &err));
    assert_non_null(strstr(err.message, "\"proxy.example\""));
    char many[PROXIES_MOST * 4 + 8] = "::1";
    for (int i = 0; i < PROXIES_MOST - 1; i++) strcat(many, ",::1");
    assert_true(proxies_parse(many, &proxies, &err));
    strcat(many, ",::1");
    assert_false(proxies_parse(many, &proxies, &err));
}

static void the_rightmost_stranger_is_the_client(void **state)
{
    (void)state;
    assert_string_equal(CLIENT("192.0.2.7"), "192.0.2.7");
    assert_string_equal(CLIENT("198.51.100.1, 192.0.2.7"),
                        "192.0.2.7"); // what the client wrote itself does not count
    assert_string_equal(CLIENT("198.51.100.1, 192.0.2.7, 10.9.9.9"), "192.0.2.7");
    assert_string_equal(CLIENT("192.0.2.7,10.9.9.9,fd00::1"), "192.0.2.7");
    assert_string_equal(CLIENT("2001:db8::7, [fd00::1]:8080"), "2001:db8::7");
    assert_string_equal(CLIENT("192.0.2.7:51000"), "192.0.2.7");
    assert_string_equal(CLIENT("\t192.0.2.7 \t, 10.0.0.2  "), "192.0.2.7");
    assert_string_equal(CLIENT("nonsense, 192.0.2.7"), "192.0.2.7");
}

static void lines_are_one_list_in_their_order(void **state)
{
    (void)state;
    assert_string_equal(CLIENT("198.51.100.1", "192.0.2.7", "10.0.0.2"), "192.0.2.7");
    assert_string_equal(CLIENT("192.0.2.7", "10.0.0.3, 10.0.0.2"), "192.0.2.7");
    assert_string_equal(CLIENT("1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4", "5.5.5.5", "6.6.6.6", "7.7.7.7",
                               "8.8.8.8", "9.9.9.9", "192.0.2.7"),
                        "192.0.2.7");
}

static void what_is_malformed_counts_for_nothing(void **state)
{
    (void)state;
    assert_string_equal(CLIENT(""), "10.0.0.1");
    assert_string_equal(CLIENT(" "), "10.0.0.1");
    assert_string_equal(CLIENT(","), "10.0.0.1");
    assert_string_equal(CLIENT("192.0.2.7,"), "10.0.0.1");
    assert_string_equal(CLIENT("192.0.2.7, unknown"), "10.0.0.1");
    assert_string_equal(CLIENT("192.0.2.7, unknown, 10.0.0.2"), "10.0.0.1");
    assert_string_equal(CLIENT("192.0.2.7 198.51.100.1"), "10.0.0.1");
    assert_string_equal(CLIENT("192.0.2.7;10.0.0.2"), "10.0.0.1");
    assert_string_equal(CLIENT("::ffff:10.0.0.2, 192.0.2.999"), "10.0.0.1");
    assert_string_equal(CLIENT("192.0.2.7", ""), "10.0.0.1");
}

static void a_chain_of_ours_alone_began_at_its_left_end(void **state)
{
    (void)state;
    assert_string_equal(CLIENT("10.0.0.9"), "10.0.0.9");
    assert_string_equal(CLIENT("10.0.0.9, 10.0.0.2"), "10.0.0.9");
    assert_string_equal(client_of((const char *const[]){NULL}), "10.0.0.1");
}

static void endless_chains_are_not_followed(void **state)
{
    char chain[8192] = "192.0.2.7";
    (void)state;
    for (int i = 0; i < PROXIES_MOST_HOPS - 1; i++) strcat(chain, ",10.0.0.2");
    assert_string_equal(CLIENT(chain), "192.0.2.7");
    strcat(chain, ",10.0.0.2");
    assert_string_equal(CLIENT(chain), "10.0.0.1");
}

static const char *const vocabulary[] = {"192.0.2.1", "198.51.100.2:80", "2001:db8::3", "10.0.0.4",
                                         "fd00::5",   "[fd00::6]:1",     "x",           "",
                                         "10.0.0.300"};
enum { STRANGERS = 3, OURS = 6, WORDS = 9, MOST_LINES = 6 };

struct list {
    char lines[MOST_LINES][400];
    const char *texts[MOST_LINES + 1];
    const char *client; // the client that the rule finds: the last stranger or fault, else the first entry
};

// Any words, with any blanks around, over any lines.
static void make_list(struct list *list)
{
    long words = 1 + random() % 8;
    size_t line = 0;
    *list = (struct list){.texts = {list->lines[0]}, .client = "10.0.0.1"};
    for (long i = 0; i < words; i++) {
        long word = random() % WORDS;
        bool fresh = i > 0 && line < MOST_LINES - 1 && random() % 4 == 0;
        if (fresh) line++;
        char *text = list->lines[line];
        list->texts[line] = text;
        sprintf(text + strlen(text), "%s%s%s%s", i > 0 && !fresh ? "," : "", random() % 2 ? " " : "",
                vocabulary[word], random() % 2 ? "\t" : "");
        if (i == 0 || word < STRANGERS || word >= OURS)
            list->client = word < OURS ? vocabulary[word] : "10.0.0.1";
    }
}

static void any_list_follows_the_rule(void **state)
{
    (void)state;
    srandom(1);
    for (int round = 0; round < 20000; round++) {
        struct list list;
        char wanted[ADDRESS_SIZE];
        make_list(&list);
        struct address client = address(list.client);
        address_print(&client, wanted);
        assert_string_equal(client_of(list.texts), wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_setting),
        cmocka_unit_test(names_the_entry_that_is_wrong),
        cmocka_unit_test(the_rightmost_stranger_is_the_client),
        cmocka_unit_test(lines_are_one_list_in_their_order),
        cmocka_unit_test(what_is_malformed_counts_for_nothing),
        cmocka_unit_test(a_chain_of_ours_alone_began_at_its_left_end),
        cmocka_unit_test(endless_chains_are_not_followed),
        cmocka_unit_test(any_list_follows_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
