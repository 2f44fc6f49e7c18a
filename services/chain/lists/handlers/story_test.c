// A god makes a whitelist and fills it; everybody reads it and checks what is proven of it.
#include "services/chain/testing/house.h"

#include "lib/base/base58.h"
#include "lib/replica/testing/other.h"
#include "lists.pb-c.h"

#define ONE "2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p"
#define TWO "8SzHrPVkDf5xhmjyUJ7W8vDaxhTiGF9XBT9XX2PtiwYF"
#define THREE "r1YVNZ6yxdhKmKNsRUYDyJrJyovHmA17vkGWHSrCGy2"
#define WALLET "bArDn16ERF32oHbL3Qvbsfz55xkj1CdbPV8VYXJtCtk"
#define OTHER "CAZ8xTttjCvHPutv9uCNJmAPxgkzG2WaCRJMFCeoGJpX"

#define SHARED "shared:lists"

static int begin_story(void **state, const char *url)
{
    struct house *house = house_at(url);
    *state = house;
    house_must(house, GOD, "chain.MakeWhitelist", "{'name': 'spring'}");
    return 0;
}

static int set_up(void **state) { return begin_story(state, NULL); }

static int set_up_shared(void **state)
{
    shared_store_register();
    return begin_story(state, SHARED);
}

static int tear_down(void **state)
{
    house_close(*state);
    return 0;
}

static int tear_down_shared(void **state)
{
    house_close(*state);
    shared_store_drop(SHARED);
    return 0;
}

static uint32_t add_entries(struct house *house, const char *entries)
{
    char request[1024];
    snprintf(request, sizeof request, "{'name': 'spring', 'entries': [%s]}", entries);
    return ((const Chain__AddWhitelistEntriesReply *)house_must(house, GOD, "chain.AddWhitelistEntries",
                                                                request))
        ->added;
}

static void refuse_add(struct house *house, const char *who, const char *entries, Conse__Reason__Value reason)
{
    char request[1024];
    snprintf(request, sizeof request, "{'name': 'spring', 'entries': [%s]}", entries);
    house_refuses(house, who, "chain.AddWhitelistEntries", request, reason);
}

static void names_are_taken_once(void **state)
{
    struct house *house = *state;
    house_refuses(house, GOD, "chain.MakeWhitelist", "{'name': 'spring'}", IS(WHITELIST_TAKEN));
    house_refuses(house, GOD, "chain.MakeWhitelist", "{'name': 'Spring'}", IS(INVALID_FIELD));
    house_refuses(house, GOD, "chain.MakeWhitelist", "{'name': ''}", IS(INVALID_FIELD));
    house_refuses(house, ANN, "chain.MakeWhitelist", "{'name': 'mine'}", IS(LEVEL_TOO_LOW));
    for (int i = 1; i < 20; i++) {
        char request[64];
        snprintf(request, sizeof request, "{'name': 'list-%d'}", i);
        house_must(house, GOD, "chain.MakeWhitelist", request);
    }
    house_refuses(house, GOD, "chain.MakeWhitelist", "{'name': 'one-more'}", IS(TOO_MANY_WHITELISTS));
    const Chain__ListWhitelistsReply *page =
        house_must(house, "", "chain.ListWhitelists", "{'page_size': 15}");
    assert_int_equal(page->n_whitelists, 15);
    assert_string_equal(page->whitelists[0]->god_id, GOD);
    assert_string_equal(page->next_page_token, "15");
    page = house_must(house, "", "chain.ListWhitelists", "{'page_token': '15'}");
    assert_int_equal(page->n_whitelists, 5);
    assert_string_equal(page->next_page_token, "");
    house_refuses(house, "", "chain.ListWhitelists", "{'page_token': 'x'}", IS(BAD_PAGE_TOKEN));
}

static void only_its_god_and_devs_add(void **state)
{
    struct house *house = *state;
    house_must(house, DEV, "chain.MakeWhitelist", "{'name': 'of-a-dev'}");
    refuse_add(house, ANN, "{'wallet': '" WALLET "', 'mints': ['" ONE "']}", IS(LEVEL_TOO_LOW));
    house_refuses(house, GOD, "chain.AddWhitelistEntries",
                  "{'name': 'of-a-dev', 'entries': [{'wallet': '" WALLET "', 'mints': ['" ONE "']}]}",
                  IS(NOT_OWNER));
    house_refuses(house, GOD, "chain.AddWhitelistMints",
                  "{'name': 'of-a-dev', 'mints': [{'mint': '" ONE "'}]}", IS(NOT_OWNER));
    house_must(house, DEV, "chain.AddWhitelistEntries",
               "{'name': 'spring', 'entries': [{'wallet': '" WALLET "', 'mints': ['" ONE "']}]}");
    house->operates = true;
    house_must(house, "", "chain.MakeWhitelist", "{'name': 'of-nobody'}");
    house_must(house, "", "chain.AddWhitelistEntries",
               "{'name': 'of-nobody', 'entries': [{'wallet': '" WALLET "', 'mints': ['" ONE "']}]}");
    house->operates = false;
    house_refuses(house, GOD, "chain.AddWhitelistMints",
                  "{'name': 'of-nobody', 'mints': [{'mint': '" ONE "'}]}", IS(NOT_OWNER));
    house_refuses(house, GOD, "chain.AddWhitelistMints", "{'name': 'none', 'mints': [{'mint': '" ONE "'}]}",
                  IS(NOT_FOUND));
}

static void a_mint_is_one_wallets(void **state)
{
    struct house *house = *state;
    assert_int_equal(add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" ONE "', '" TWO "']}"), 2);
    assert_int_equal(add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" TWO "', '" THREE "']}"), 1);
    refuse_add(house, GOD, "{'wallet': '" OTHER "', 'mints': ['" ONE "']}", IS(MINT_TAKEN));
    assert_string_equal(house->err.field, "entries[0].mints[0]");
    refuse_add(house, GOD, "{'wallet': '" OTHER "', 'mints': []}", IS(INVALID_FIELD));
    assert_string_equal(house->err.field, "entries[0].mints");
    refuse_add(house, GOD,
               "{'wallet': '" OTHER "', 'mints': ['" WALLET "']}, {'wallet': '" THREE "', 'mints': ['" WALLET
               "']}",
               IS(INVALID_FIELD));
    refuse_add(house, GOD,
               "{'wallet': '" OTHER "', 'mints': ['" WALLET "']}, {'wallet': '" OTHER "', 'mints': ['" OTHER
               "']}",
               IS(INVALID_FIELD));
    assert_string_equal(house->err.field, "entries[1]");
    house_restart(house);
    const Chain__ProvenWhitelist *list = house_must(house, "", "chain.GetWhitelist", "{'name': 'spring'}");
    assert_int_equal(list->whitelist->owners, 1);
    assert_int_equal(list->whitelist->entries, 3);
}

static void a_list_takes_what_it_names(void **state)
{
    struct house *house = *state;
    house_must(house, GOD, "chain.AddWhitelistMints",
               "{'name': 'spring', 'mints': [{'mint': '" ONE "', 'points': 5}, {'mint': '" TWO "'}]}");
    house_refuses(house, GOD, "chain.AddWhitelistMints",
                  "{'name': 'spring', 'mints': [{'mint': '" ONE "'}, {'mint': '" ONE "'}]}",
                  IS(INVALID_FIELD));
    assert_string_equal(house->err.field, "mints[1].mint");
    refuse_add(house, GOD, "{'wallet': '" WALLET "', 'mints': ['" THREE "']}", IS(MINT_UNWANTED));
    assert_int_equal(add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" ONE "', '" TWO "']}"), 2);
    const Chain__ProvenWhitelistOwner *owner =
        house_must(house, "", "chain.GetWhitelistOwner", "{'name': 'spring', 'wallet': '" WALLET "'}");
    assert_int_equal(owner->owner->score, 6);
    assert_int_equal(owner->owner->n_entries, 2);
    const Chain__ListWhitelistMintsReply *mints =
        house_must(house, "", "chain.ListWhitelistMints", "{'name': 'spring', 'page_size': 1}");
    assert_int_equal(mints->n_mints, 1);
    assert_string_equal(mints->mints[0]->mint, ONE);
    assert_string_equal(mints->next_page_token, ONE);
    mints = house_must(house, "", "chain.ListWhitelistMints", "{'name': 'spring', 'page_token': '" ONE "'}");
    assert_int_equal(mints->n_mints, 1);
    assert_string_equal(mints->mints[0]->mint, TWO);
    assert_string_equal(mints->next_page_token, "");
}

static struct merkle_hash hash_of(const ProtobufCBinaryData *bytes)
{
    struct merkle_hash hash;
    assert_int_equal(bytes->len, sizeof hash);
    memcpy(&hash, bytes->data, sizeof hash);
    return hash;
}

static void who_is_on_it_is_proven(void **state)
{
    struct house *house = *state;
    struct merkle_proof proof = {.count = 0};
    add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" ONE "']}, {'wallet': '" OTHER
                       "', 'mints': ['" TWO "']}, {'wallet': '" THREE "', 'mints': ['" THREE "']}");
    const Chain__ProvenWhitelistOwner *owner =
        house_must(house, "", "chain.GetWhitelistOwner", "{'name': 'spring', 'wallet': '" OTHER "'}");
    const struct merkle_hash leaf = hash_of(&owner->leaf), root = hash_of(&owner->root->root);
    for (; proof.count < owner->n_siblings; proof.count++)
        proof.siblings[proof.count] = hash_of(&owner->siblings[proof.count]);
    assert_true(merkle_check(&root, owner->root->owners, owner->place, &leaf, &proof));
    assert_int_equal(crypto_sign_verify_detached(owner->root->signature.data, owner->root->statement.data,
                                                 owner->root->statement.len, owner->root->key.data),
                     0);
    assert_memory_equal(owner->root->statement.data + owner->root->statement.len - sizeof root, &root,
                        sizeof root);
    house_refuses(house, "", "chain.GetWhitelistOwner", "{'name': 'spring', 'wallet': '" ONE "'}",
                  IS(NOT_FOUND));
    const Chain__ListWhitelistOwnersReply *all =
        house_must(house, "", "chain.ListWhitelistOwners", "{'name': 'spring', 'page_size': 2}");
    assert_int_equal(all->n_owners, 2);
    char request[256];
    snprintf(request, sizeof request, "{'name': 'spring', 'page_token': '%s'}", all->next_page_token);
    all = house_must(house, "", "chain.ListWhitelistOwners", request);
    assert_int_equal(all->n_owners, 1);
    assert_string_equal(all->next_page_token, "");
}

static void an_empty_list_is_signed_too(void **state)
{
    const Chain__ProvenWhitelist *list = house_must(*state, "", "chain.GetWhitelist", "{'name': 'spring'}");
    const struct merkle_hash root = hash_of(&list->root->root), empty = merkle_root(NULL, 0);
    assert_true(merkle_hash_equal(&root, &empty));
    assert_int_equal(list->root->signature.len, 64);
}

static void a_repetition_adds_nothing(void **state)
{
    struct house *house = *state;
    house->key = "once";
    assert_int_equal(add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" ONE "']}"), 1);
    house_restart(house);
    assert_int_equal(add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" ONE "']}"), 1);
    house->key = NULL;
    assert_int_equal(add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" ONE "']}"), 0);
}

// A process of a program without whitelists may live.
static void nothing_is_added_until_everybody_knows_of_it(void **state)
{
    static const char *const leases[] = {NULL};
    struct house *house = *state;
    struct chain *chain = &house->chain;
    other_was_there(chain->store, &chain_tables[CHAIN_BEATS], LISTS_SINCE - 1);
    chain->replica = other_join(chain->store, chain_tables, "ipc:///a", leases);
    house_refuses(house, GOD, "chain.MakeWhitelist", "{'name': 'summer'}", IS(SERVICE_BUSY));
    refuse_add(house, GOD, "{'wallet': '" WALLET "', 'mints': ['" ONE "']}", IS(SERVICE_BUSY));
    replica_close(chain->replica);
    chain->replica = NULL;
    add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" ONE "']}");
}

// The list stays, and is nobody's: whoever comes next under that id is somebody else.
static void who_made_it_may_leave(void **state)
{
    struct house *house = *state;
    add_entries(house, "{'wallet': '" WALLET "', 'mints': ['" ONE "']}");
    const Chain__ProvenWhitelist *list = house_must(house, "", "chain.GetWhitelist", "{'name': 'spring'}");
    const struct merkle_hash before = hash_of(&list->root->root);
    house_teach(house, (struct name_news){.user_id = GOD, .name = "deleted-d2", .deleted = true});
    refuse_add(house, GOD, "{'wallet': '" OTHER "', 'mints': ['" TWO "']}", IS(NOT_OWNER));
    house_refuses(house, GOD, "chain.MakeWhitelist", "{'name': 'another'}", IS(NOT_FOUND));
    for (int time = 0; time < 2; time++, house_restart(house)) {
        list = house_must(house, "", "chain.GetWhitelist", "{'name': 'spring'}");
        const struct merkle_hash after = hash_of(&list->root->root);
        assert_string_equal(list->whitelist->god_id, "");
        assert_true(merkle_hash_equal(&before, &after));
        refuse_add(house, GOD, "{'wallet': '" OTHER "', 'mints': ['" TWO "']}", IS(NOT_OWNER));
    }
    house_must(house, DEV, "chain.AddWhitelistEntries",
               "{'name': 'spring', 'entries': [{'wallet': '" OTHER "', 'mints': ['" TWO "']}]}");
}

// The tree is made once for each version; nobody is shown one of before.
static void a_root_follows_each_change(void **state)
{
    static const char *const mints[] = {ONE, TWO, THREE, WALLET, OTHER};
    struct house *house = *state;
    struct merkle_hash roots[5];
    uint64_t version = 0;
    char entries[256];
    for (size_t i = 0; i < 5; i++) {
        snprintf(entries, sizeof entries, "{'wallet': '%s', 'mints': ['%s']}", mints[i], mints[i]);
        add_entries(house, entries);
        for (int time = 0; time < 2; time++) {
            const Chain__ProvenWhitelist *list =
                house_must(house, "", "chain.GetWhitelist", "{'name': 'spring'}");
            const struct merkle_hash root = hash_of(&list->root->root);
            if (time) assert_true(merkle_hash_equal(&root, &roots[i]) && list->root->version == version);
            if (!time) assert_true(list->root->version > version && list->root->owners == i + 1);
            for (size_t k = 0; k < i; k++) assert_false(merkle_hash_equal(&root, &roots[k]));
            roots[i] = root;
            version = list->root->version;
        }
    }
}

static void refuse_burn(struct house *house, const char *mints, Conse__Reason__Value reason)
{
    char request[512];
    snprintf(request, sizeof request, "{'name': 'spring', 'mints': [%s], 'account': '" WALLET "'}", mints);
    house_refuses(house, ANN, "chain.AskBurn", request, reason);
}

static void what_a_list_does_not_take_is_not_burned(void **state)
{
    struct house *house = *state;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    Ledger__ListOpened opened = LEDGER__LIST_OPENED__INIT;
    uint8_t address[LIST_KEY_BYTES] = {5};
    struct err err = {0};
    refuse_burn(house, "'" ONE "'", IS(MINT_UNWANTED));
    house_must(house, GOD, "chain.AddWhitelistMints",
               "{'name': 'spring', 'mints': [{'mint': '" ONE "'}, {'mint': '" TWO "'}]}");
    refuse_burn(house, "'" ONE "'", IS(WHITELIST_NOT_OPEN));
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    opened.list = 1;
    opened.address = (ProtobufCBinaryData){sizeof address, address};
    assert_non_null(book_add(&b, LEDGER__ENTRY__BODY_LIST_OPENED, &opened.base, NULL, 0));
    assert_true(book_commit(&b, NULL, &err));
    book_end(&b);
    add_entries(house, "{'wallet': '" OTHER "', 'mints': ['" TWO "']}");
    refuse_burn(house, "'" TWO "'", IS(MINT_TAKEN));
    refuse_burn(house, "'" THREE "'", IS(MINT_UNWANTED));
    refuse_burn(house, "'" ONE "', '" ONE "'", IS(INVALID_FIELD));
    refuse_burn(house, "", IS(INVALID_FIELD));
    refuse_burn(house, "'" ONE "'", IS(CLUSTER_AWAY)); // this process has none
    const char *no_account = "{'name': 'spring', 'mints': ['" ONE "']}";
    house_refuses(house, ANN, "chain.AskBurn", no_account, IS(SERVICE_AWAY)); // nobody knows what is linked
    house_refuses(house, ANN, "chain.AskBurn", "{'name': 'none', 'mints': ['" ONE "']}", IS(NOT_FOUND));
    house_refuses(house, "", "chain.AskBurn", no_account, IS(TOKEN_INVALID));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_are_taken_once),
        TEST(only_its_god_and_devs_add),
        TEST(a_mint_is_one_wallets),
        TEST(a_list_takes_what_it_names),
        TEST(who_is_on_it_is_proven),
        TEST(an_empty_list_is_signed_too),
        TEST(a_repetition_adds_nothing),
        TEST(who_made_it_may_leave),
        TEST(a_root_follows_each_change),
        TEST(what_a_list_does_not_take_is_not_burned),
        cmocka_unit_test_setup_teardown(nothing_is_added_until_everybody_knows_of_it, set_up_shared,
                                        tear_down_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
