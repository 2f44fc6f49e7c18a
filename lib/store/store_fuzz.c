// Page tokens: the first byte chooses a query, the rest is a token, or a position that gets a right checksum.
// Nothing may crash, and for every accepted token the rows found lie within the query's bounds.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth.pb-c.h"
#include "lib/store/page.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct store_table TABLES[] = {
    {.name = "user",
     .type = &auth__user__descriptor,
     .key = "id",
     .indexes = {{"by_username", true, {"username"}, 0},
                 {"by_level", false, {"level", "created_at", "phone"}, 0}}},
    {0},
};

static char folder[] = "/tmp/store-fuzz-XXXXXX";
static struct store *store;
static struct store_model model;
static struct arena arena;

static void clean(void)
{
    char command[64];
    store_close(store);
    arena_finish(&arena);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) perror(folder);
}

static void fill(void)
{
    struct err err;
    uint64_t ticket = 0;
    for (int i = 0; i < 60; i++) {
        Auth__User user = AUTH__USER__INIT;
        Google__Protobuf__Timestamp created = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
        char id[16], username[16];
        snprintf(id, sizeof id, "u%02d", i);
        snprintf(username, sizeof username, "%c%d", 'a' + i % 5, i);
        created.seconds = i % 7 - 3;
        user.id = id, user.username = username, user.created_at = &created, user.level = i % 3 + 1;
        ticket = store_put(store, &TABLES[0], &user.base, 0, NULL);
    }
    if (!store_wait(store, ticket, &err)) abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char url[64];
    struct err err;
    (void)argc, (void)argv;
    if (!mkdtemp(folder)) abort();
    snprintf(url, sizeof url, "sqlite:%s/store.db", folder);
    struct store_options options = {.url = url, .tables = TABLES};
    if (!store_open(&store, &options, &err) || !store_model_init(&model, &TABLES[0], &err)) abort();
    arena_init(&arena, 1 << 20);
    fill();
    atexit(clean);
    return 0;
}

static const struct store_value B = {.text = "b"}, D3 = {.text = "d3"}, MINUS = {.number = -1000000},
                                PLUS = {.number = 1000000};

static struct store_query query_of(uint8_t choice)
{
    static const struct store_query queries[] = {
        {.index = NULL},
        {.index = "by_username"},
        {.index = "by_username", .from = &B, .to = &D3},
        {.index = "by_username", .from = &B, .prefix = true},
        {.index = "by_level", .equal = {{.number = 2}}, .equal_count = 1},
        {.index = "by_level", .equal = {{.number = 2}}, .equal_count = 1, .from = &MINUS, .to = &PLUS},
        {.index = "by_level"},
        {.index = "by_level", .equal = {{.number = 2}, {.number = 1000000}, {.text = ""}}, .equal_count = 3},
    };
    struct store_query query = queries[choice % 8];
    query.descending = choice & 8;
    query.limit = 5;
    return query;
}

static bool within(const struct store_query *query, const Auth__User *user)
{
    bool by_name = query->index && strcmp(query->index, "by_username") == 0;
    if (query->equal_count && user->level != 2) return false;
    if (by_name && query->from && strcmp(user->username, query->from->text) < 0) return false;
    if (by_name && query->to && strcmp(user->username, query->to->text) > 0) return false;
    if (query->prefix && user->username[0] != 'b') return false;
    if (by_name || !query->from) return true;
    return user->created_at->seconds >= -1 && user->created_at->seconds <= 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct store_rows rows;
    struct err err;
    if (len == 0) return 0;
    arena_reset(&arena);
    struct store_query query = query_of(*bytes);
    struct store_scan scan = {.model = &model, .query = &query, .limit = 6};
    if (query.index) scan.index = store_model_index(&model, query.index);
    bool sealed = *bytes & 16;
    query.page_token = sealed ? store_page_seal(&scan, bytes + 1, len - 1, &arena)
                              : arena_strn(&arena, (const char *)bytes + 1, len - 1);
    if (!query.page_token) return 0;
    if (!store_find(store, &TABLES[0], &query, &arena, &rows, &err)) {
        assert(err_is(&err, BAD_PAGE_TOKEN));
        return 0;
    }
    assert(rows.count <= 5);
    for (size_t i = 0; i < rows.count; i++) assert(within(&query, (Auth__User *)rows.messages[i]));
    return 0;
}
