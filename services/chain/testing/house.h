// The chain service for tests, opened on a real store and called through its own methods as the server would
// call them. Requests are JSON in which ' stands for ".
#ifndef CHAIN_TESTING_HOUSE_H
#define CHAIN_TESTING_HOUSE_H

#include "tests/test.h"

#include <sodium.h>

#include "lib/json/json.h"
#include "lib/keys/testing/master.h"
#include "lib/names/names.h"
#include "lib/names/testing/news.h"
#include "lib/rpc/frame.h"
#include "lib/rpc/testing/keyed.h"
#include "lib/schema/passport.h"
#include "lib/store/testing/shared.h"
#include "services/chain/book/call.h"
#include "services/chain/book/keeper.h"
#include "services/chain/rows/rows.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/tables.h"

#define ANN "01890000-0000-7000-8000-0000000000a1"
#define BOB "01890000-0000-7000-8000-0000000000b1"
#define EVE "01890000-0000-7000-8000-0000000000e1"
#define DEV "01890000-0000-7000-8000-0000000000d1"
#define GOD "01890000-0000-7000-8000-0000000000d2"
#define STRANGER "01890000-0000-7000-8000-0000000000f1"

enum { HOUSE_ARENA = 32 << 20, HOUSE_REQUEST = 4096, HOUSE_NOW = 1800000000 };

struct house {
    char dir[64];
    const char *url;  // of a shared store; NULL: a file in the folder
    bool mastered;    // keys are rows under a master key
    const char *self; // its name among others at the store, or NULL
    struct chain chain;
    struct chain_settings settings;
    struct arena arena; // of the last answer
    int64_t now_ms;
    uint64_t taught;    // entries of auth.names
    const char *key;    // Idempotency-Key of requests, or NULL
    bool operates;      // what is asked comes from the operator
    bool deletes;       // it comes from auth
    bool fresh;         // what is asked is decided on what the store's server confirms
    bool movable;       // who asks could ask another process
    const char *winner; // of the last answer: which one
    struct err err;     // of the last answer
};

static inline void house_start(struct house *house)
{
    struct err err = {0};
    char url[96], master[64];
    snprintf(url, sizeof url, "sqlite:%s/chain.db", house->dir);
    struct chain_options options = {.settings = &house->settings,
                                    .data_dir = house->dir,
                                    .store_url = house->url ? house->url : url,
                                    .self = house->self};
    if (house->mastered) {
        test_master_key(master, sizeof master, house->dir, 'a');
        options.master_keys = master;
    }
    if (!chain_open(&house->chain, &options, &err) || !keeper_begin(&house->chain, &err))
        fprintf(stderr, "%s\n", err.message), _exit(1);
}

static inline void house_teach(struct house *house, struct name_news news)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 1 << 16);
    news.version = ++house->taught;
    const struct bus_batch page = name_news_page(&arena, (struct bus_place){1, news.version}, &news, 1);
    if (!names_learn(house->chain.names, &page, &err)) fprintf(stderr, "%s\n", err.message), _exit(1);
    arena_finish(&arena);
}

static inline struct house *house_made(const char *url, bool mastered)
{
    static const struct name_news people[] = {{.user_id = ANN, .name = "ann", .level = LEVEL_PLAYER},
                                              {.user_id = BOB, .name = "bob", .level = LEVEL_PLAYER},
                                              {.user_id = EVE, .name = "eve", .level = LEVEL_PLAYER},
                                              {.user_id = DEV, .name = "dev", .level = LEVEL_DEV}};
    struct house *house = calloc(1, sizeof *house);
    if (!house || sodium_init() < 0) _exit(1);
    test_folder_make(house->dir);
    house->url = url;
    house->mastered = mastered;
    house->settings.transfer_limit = 1000000;
    house->settings.opening_least = 100;
    house->now_ms = HOUSE_NOW * INT64_C(1000);
    arena_init(&house->arena, HOUSE_ARENA);
    house_start(house);
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) house_teach(house, people[i]);
    return house;
}

// The keys of a shared store are rows.
static inline struct house *house_at(const char *url) { return house_made(url, url != NULL); }

static inline void house_close(struct house *house)
{
    chain_close(&house->chain);
    test_folder_remove(house->dir);
    arena_finish(&house->arena);
    free(house);
}

// As after a kill: what was committed is there.
static inline void house_restart(struct house *house)
{
    chain_close(&house->chain);
    house_start(house);
}

static inline ProtobufCMessage *house_request(struct house *house, const char *method, const char *template)
{
    static char text[HOUSE_REQUEST];
    size_t len = 0;
    for (; *template && len < sizeof text - 1; template ++) text[len++] = *template == '\'' ? '"' : *template;
    arena_reset(&house->arena);
    ProtobufCMessage *request = json_message_new(rpc_schema_of(method)->request, &house->arena);
    return json_parse(text, len, request, NULL, &house->arena, &house->err) ? request : NULL;
}

// Runs it as the server does, and waits for the disk. NULL: refused, by house->err.
static inline const void *house_ask(struct house *house, const char *user_id, const char *method,
                                    const char *template)
{
    Rpc__Caller who = RPC__CALLER__INIT;
    house->err = (struct err){0};
    who.user_id = (char *)user_id;
    if (*user_id)
        who.level = strcmp(user_id, DEV) == 0   ? LEVEL_DEV
                    : strcmp(user_id, GOD) == 0 ? LEVEL_GOD
                                                : LEVEL_PLAYER; // else nobody
    who.username = (char *)"someone";
    const ProtobufCMessage *request = house_request(house, method, template);
    if (!request) return NULL;
    struct rpc_call call = {.arena = &house->arena,
                            .service = &house->chain,
                            .asker = house->operates  ? CONSE__ASKER__VALUE__OPERATOR
                                     : house->deletes ? CONSE__ASKER__VALUE__AUTH
                                                      : CONSE__ASKER__VALUE__GATEWAY,
                            .caller = house->operates ? NULL : &who,
                            .now_ms = house->now_ms,
                            .fresh = house->fresh,
                            .movable = house->movable};
    uint8_t id[32];
    if (house->key) keyed_begin(&call, house->chain.store, method, house->key, request, id);
    const ProtobufCMessage *reply = rpc_run_here(&call, chain_methods, method, request, &house->err);
    house->winner = call.winner;
    if (call.ticket && !store_wait(house->chain.store, call.ticket, &house->err)) return NULL;
    return reply;
}

static inline const void *house_must(struct house *house, const char *user_id, const char *method,
                                     const char *template)
{
    const void *reply = house_ask(house, user_id, method, template);
    if (!reply) fail_msg("%s %s: %s %s", method, template, err_name(&house->err), house->err.message);
    return reply;
}

static inline void house_refuses(struct house *house, const char *user_id, const char *method,
                                 const char *template, Conse__Reason__Value reason)
{
    assert_null(house_ask(house, user_id, method, template));
    assert_int_equal(house->err.reason, reason);
}

// In CONSE.
static inline int64_t house_balance(struct house *house, const char *user_id)
{
    bool fresh = house->fresh;
    house->fresh = true;
    const Chain__Wallet *wallet = house_must(house, user_id, "chain.GetWallet", "{}");
    house->fresh = fresh;
    assert_int_equal(wallet->balances[0]->kind, LEDGER__ASSET__KIND__CONSE);
    return wallet->balances[0]->amount;
}

// Seals what is open, and makes the rows.
static inline void house_seal(struct house *house)
{
    struct err err = {0};
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct book_call b = {.chain = &house->chain, .arena = &arena};
    assert_true(book_begin_own(&b, house->now_ms, false, &err));
    book_seal(&b);
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    assert_true(!ticket || store_wait(house->chain.store, ticket, &err));
    assert_true(book_rows_catch_up(&house->chain, &err));
    arena_finish(&arena);
}

#endif
