// What was burned for a list is on it once, for who burned it, if the list takes it.
#include "services/chain/testing/tickets.h"

#include "lists.pb-c.h"
#include "services/chain/cluster/records.h"

#define ONE "CAZ8xTttjCvHPutv9uCNJmAPxgkzG2WaCRJMFCeoGJpX"
#define TWO "2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p"
#define OTHER "r1YVNZ6yxdhKmKNsRUYDyJrJyovHmA17vkGWHSrCGy2"
#define WALLET "bArDn16ERF32oHbL3Qvbsfz55xkj1CdbPV8VYXJtCtk"

static struct lamports lamports;
static const struct solana_key address = {{5}};

static void open_list(void)
{
    struct book_call b;
    Ledger__ListOpened opened = LEDGER__LIST_OPENED__INIT;
    tickets_begin(&lamports, &b);
    opened.list = 1;
    opened.address = (ProtobufCBinaryData){sizeof address.bytes, (uint8_t *)address.bytes};
    assert_non_null(book_add(&b, LEDGER__ENTRY__BODY_LIST_OPENED, &opened.base, NULL, 0));
    tickets_end(&lamports, &b);
}

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    house_must(lamports.evening.house, GOD, "chain.MakeWhitelist", "{'name': 'spring'}");
    house_must(lamports.evening.house, GOD, "chain.AddWhitelistMints",
               "{'name': 'spring', 'mints': [{'mint': '" ONE "', 'points': 4}, {'mint': '" TWO "'}]}");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lamports_close(&lamports);
    return 0;
}

static size_t look_at_lists(struct records_list *first)
{
    struct book_call b;
    size_t count;
    tickets_begin(&lamports, &b);
    struct records_list *all = records_lists(b.book, b.arena, &count);
    for (size_t i = 0; i < count; i++) assert_true(records_fill(&all[i], b.book, b.arena));
    if (count) *first = all[0];
    tickets_end(&lamports, &b);
    return count;
}

static struct solana_key key_of(const char *text)
{
    struct solana_key key;
    assert_true(solana_key_parse(&key, text));
    return key;
}

static void burn_mint(const struct records_list *list, const char *mint, const struct solana_key *of)
{
    struct book_call b;
    const struct record record = {.burned = {.list = *of,
                                             .owner = key_of(WALLET),
                                             .mint = key_of(mint),
                                             .amount = 1,
                                             .since_s = 1700000000},
                                  .signature = {{3}}};
    tickets_begin(&lamports, &b);
    records_enter(&b, list, &record);
    tickets_end(&lamports, &b);
}

static const Chain__ProvenWhitelistOwner *read_owner(void)
{
    return house_must(lamports.evening.house, "", "chain.GetWhitelistOwner",
                      "{'name': 'spring', 'wallet': '" WALLET "'}");
}

static void lists_of_the_cluster_are_looked_at(void **state)
{
    struct records_list list;
    (void)state;
    assert_int_equal(look_at_lists(&list), 0);
    open_list();
    assert_int_equal(look_at_lists(&list), 1);
    assert_int_equal(list.mints_count, 2);
    assert_true(solana_key_equal(&list.address, &address));
    house_must(lamports.evening.house, GOD, "chain.AddWhitelistEntries",
               "{'name': 'spring', 'entries': [{'wallet': '" WALLET "', 'mints': ['" ONE "']}]}");
    assert_int_equal(look_at_lists(&list), 1);
    assert_int_equal(list.mints_count, 1);
    const struct solana_key two = key_of(TWO);
    assert_true(solana_key_equal(&list.mints[0], &two));
}

static void who_burned_is_on_the_list(void **state)
{
    struct records_list list;
    (void)state;
    open_list();
    look_at_lists(&list);
    burn_mint(&list, ONE, &address);
    burn_mint(&list, ONE, &address); // which another process read too
    for (int time = 0; time < 2; time++, lamports_restart(&lamports)) {
        const Chain__ProvenWhitelistOwner *owner = read_owner();
        const Chain__WhitelistEntry *entry = owner->owner->entries[0];
        assert_int_equal(owner->owner->n_entries, 1);
        assert_int_equal(owner->owner->score, 4);
        assert_int_equal(entry->way, CHAIN__WHITELIST_ENTRY__WAY__BURNED);
        assert_int_equal(entry->time->seconds, 1700000000);
        struct solana_signature signature;
        assert_true(solana_signature_parse(&signature, entry->signature));
        assert_int_equal(signature.bytes[0], 3);
    }
    assert_int_equal(look_at_lists(&list), 1);
    assert_int_equal(list.burned, 1);
}

static void what_is_not_taken_does_not_count(void **state)
{
    struct records_list list;
    const struct solana_key elsewhere = {{6}};
    (void)state;
    open_list();
    look_at_lists(&list);
    burn_mint(&list, OTHER, &address);
    burn_mint(&list, ONE, &elsewhere);
    house_refuses(lamports.evening.house, "", "chain.GetWhitelistOwner",
                  "{'name': 'spring', 'wallet': '" WALLET "'}", CONSE__REASON__VALUE__NOT_FOUND);
    burn_mint(&list, TWO, &address);
    assert_int_equal(read_owner()->owner->n_entries, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lists_of_the_cluster_are_looked_at),
        TEST(who_burned_is_on_the_list),
        TEST(what_is_not_taken_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
