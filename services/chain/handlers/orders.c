// Orders for role cards.
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/replica/replica.h"
#include "market.pb-c.h"
#include "services/chain/book/walk.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/handlers/dealt.h"
#include "services/chain/rows/rows.h"
#include "services/chain/tables.h"

enum { PAGE = 50 };

static uint32_t account_of(const struct book_call *b)
{
    const struct ledger_owner owner = book_user(b->call->caller->user_id);
    return ledger_accounts_find(&b->book->accounts, &owner);
}

// ---- Placing

static void name_client(uint32_t account, const char *text, uint8_t id[EXCHANGE_CLIENT_BYTES])
{
    static const char tag[] = "conse/ledger/client/1";
    const uint8_t number[] = {(uint8_t)account, (uint8_t)(account >> 8), (uint8_t)(account >> 16),
                              (uint8_t)(account >> 24)};
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)tag, sizeof tag - 1);
    crypto_hash_sha256_update(&state, number, sizeof number);
    crypto_hash_sha256_update(&state, (const uint8_t *)text, strlen(text));
    crypto_hash_sha256_final(&state, hash);
    memcpy(id, hash, EXCHANGE_CLIENT_BYTES);
}

static bool read_terms(const Chain__PlaceOrderRequest *request, struct exchange_terms *terms, struct err *err)
{
    *terms =
        (struct exchange_terms){.price = (int64_t)request->price,
                                .quantity = request->quantity,
                                .side = request->side == LEDGER__ORDER__SIDE__BUY ? MARKET_BUY : MARKET_SELL,
                                .immediate = request->time_in_force == LEDGER__ORDER__TIME_IN_FORCE__IOC,
                                .post_only = request->post_only};
    if (terms->immediate && terms->post_only)
        return err_field(err, INVALID_FIELD, "post_only", "an order that rests only can't be IOC");
    const char *wrong = exchange_terms_wrong(terms);
    return !wrong || err_field(err, INVALID_FIELD, "price", "price x quantity is more than 2^53");
}

static bool find_role(const struct book_call *b, const char *role_id, uint32_t *asset, struct err *err)
{
    *asset = book_asset_find(b->book, LEDGER__ASSET__KIND__CARD, role_id);
    return *asset || err_field(err, NOT_FOUND, "role_id", "there are no cards of this role");
}

static bool answer_placed(struct book_call *b, const Ledger__Entry *entry, uint64_t number,
                          Chain__PlaceOrderReply *reply, struct err *err)
{
    if (!entry) return book_filled(NULL, err);
    reply->order = dealt_placed(b->book, entry, number, b->arena);
    reply->trades = arena_array(b->arena, entry->ordered->n_fills + 1, sizeof *reply->trades);
    for (size_t i = 0; i < entry->ordered->n_fills && !b->arena->failed; i++)
        reply->trades[reply->n_trades++] = dealt_fill(b->book, entry, number, i, b->arena);
    return book_filled(b->arena->failed ? NULL : reply->order, err);
}

// What is stored of an order.
struct placed {
    const Ledger__Entry *entry; // NULL: not there, or another's
    Ledger__OrderRow *row;      // NULL: it is open, or its end is on its way
};

// Without the ledger's lock.
static bool read_placed(struct book_call *b, uint64_t number, uint32_t account, struct placed *placed,
                        struct err *err)
{
    char id[24];
    uint64_t version;
    const Ledger__Entry *entry = walk_read(b->chain, number, b->arena, err);
    *placed = (struct placed){NULL, NULL};
    if (err->reason) return false;
    if (!entry || entry->body_case != LEDGER__ENTRY__BODY_ORDERED || entry->ordered->account != account)
        return true;
    placed->entry = entry;
    snprintf(id, sizeof id, "%020" PRIu64, number);
    return store_get(b->chain->store, &chain_tables[CHAIN_ORDERS], id, b->arena,
                     (ProtobufCMessage **)&placed->row, &version, err);
}

static bool come_later(struct err *err, const char *why)
{
    err_fail(err, SERVICE_BUSY, "%s", why);
    err->retry_after_s = 1;
    return false;
}

// The order as it is now.
static Chain__CardOrder *show_placed(const struct book_call *b, uint64_t number, const struct placed *placed,
                                     struct err *err)
{
    const struct exchange_order *open = exchange_order(&b->book->exchange, number);
    if (open) return dealt_open(b->book, open, b->arena);
    if (!placed->entry->ordered->rest) return dealt_placed(b->book, placed->entry, number, b->arena);
    if (placed->row) return dealt_closed(b->book, placed->row, b->arena);
    return come_later(err, "the order's end is on its way"), NULL;
}

static bool is_same(const Ledger__Ordered *ordered, const struct exchange_terms *terms)
{
    return ordered->asset == terms->asset && ordered->price == terms->price &&
           ordered->quantity == terms->quantity && ordered->post_only == terms->post_only &&
           (ordered->side == LEDGER__ORDER__SIDE__SELL) == (terms->side == MARKET_SELL) &&
           (ordered->time_in_force == LEDGER__ORDER__TIME_IN_FORCE__IOC) == terms->immediate;
}

static bool repeat_order(struct book_call *b, uint64_t number, const struct exchange_terms *terms,
                         Chain__PlaceOrderReply *reply, struct err *err)
{
    struct placed placed;
    uint64_t ticket = b->book->live.ticket;
    if (!rows_reach(b, err) || !read_placed(b, number, terms->account, &placed, err)) return false;
    if (!placed.entry) {
        rpc_park(b->call, ticket);
        return come_later(err, "the order is on its way");
    }
    if (!is_same(placed.entry->ordered, terms))
        return err_field(err, IDEMPOTENCY_MISMATCH, "client_order_id", "another order has this name");
    b->at_least = number;
    if (!book_begin(b, err) || !answer_placed(b, placed.entry, number, reply, err)) return false;
    reply->order = show_placed(b, number, &placed, err);
    reply->existing = true;
    return reply->order || (!err->reason && book_filled(NULL, err));
}

// Who has a card in a ledger that was restored may have it on the cluster.
static bool may_deal(const struct book_call *b, struct err *err)
{
    const struct cluster *cluster = b->chain->cluster;
    if (!cluster || cluster_has_found_cards(cluster)) return true;
    err_fail(err, CLUSTER_AWAY, "which cards are on the cluster is not known yet");
    err->retry_after_s = 1;
    return false;
}

HANDLER(place_order, Chain__PlaceOrderRequest, Chain__PlaceOrderReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct exchange_terms terms;
    uint8_t client[EXCHANGE_CLIENT_BYTES];
    const bool named = *request->client_order_id;
    if (!read_terms(request, &terms, err) || !book_begin(&b, err) || !book_has_market(&b, err) ||
        !find_role(&b, request->role_id, &terms.asset, err))
        return false;
    const struct ledger_owner owner = book_user(call->caller->user_id);
    if (book_is_leaving(b.book, &owner)) return err_fail(err, NOT_FOUND, "the account is being deleted");
    terms.account = account_of(&b);
    terms.fee_bp = (uint32_t)b.chain->settings.market_fee_bp;
    if (terms.account == LEDGER_NO_ACCOUNT) return err_fail(err, FUNDS_SHORT, "the account has nothing");
    name_client(terms.account, request->client_order_id, client);
    uint64_t known = named ? exchange_client(&b.book->exchange, terms.account, client, b.now_ms) : 0;
    if (known) return repeat_order(&b, known, &terms, reply, err);
    if (!may_deal(&b, err) || !book_may_order(b.book, &terms, err)) return false;
    const Ledger__Entry *entry = book_order(&b, &terms, named ? client : NULL);
    return answer_placed(&b, entry, b.book->seq, reply, err) && book_commit(&b, &reply->base, err);
}

// ---- Withdrawing

static bool cannot_cancel(struct book_call *b, uint64_t number, uint32_t account, struct err *err)
{
    book_end(b);
    const Ledger__Entry *entry = walk_read(b->chain, number, b->arena, err);
    if (err->reason) return false;
    bool own = entry && entry->body_case == LEDGER__ENTRY__BODY_ORDERED && entry->ordered->account == account;
    return own ? err_fail(err, ORDER_CLOSED, "the order is no longer open")
               : err_fail(err, NOT_FOUND, "there is no such order");
}

HANDLER(cancel_order, Chain__CancelOrderRequest, Chain__CancelOrderReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    char *end;
    if (!book_begin(&b, err)) return false;
    uint64_t number = strtoull(request->id, &end, 10);
    uint32_t account = account_of(&b);
    const struct exchange_order *order = *end ? NULL : exchange_order(&b.book->exchange, number);
    if (!order || order->account != account) return cannot_cancel(&b, number, account, err);
    reply->order = dealt_open(b.book, order, b.arena);
    if (!reply->order) return book_filled(NULL, err);
    book_withdraw_one(&b, number, LEDGER__ORDER__REASON__USER);
    reply->order->state = CHAIN__CARD_ORDER__STATE__CANCELLED;
    reply->order->reason = LEDGER__ORDER__REASON__USER;
    reply->order->seq = b.book->seq;
    return book_commit(&b, &reply->base, err);
}

HANDLER(cancel_orders, Chain__CancelOrdersRequest, Chain__CancelOrdersReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    uint32_t asset = 0;
    if (!book_begin(&b, err)) return false;
    if (*request->role_id && !find_role(&b, request->role_id, &asset, err)) return false;
    uint32_t account = account_of(&b);
    if (account == LEDGER_NO_ACCOUNT) return true;
    reply->count = (uint32_t)book_withdraw_own(&b, account, asset, LEDGER__ORDER__REASON__USER);
    return book_commit(&b, &reply->base, err);
}

// Who has no account has no orders, and places none before somebody gives them something.
HANDLER(cancel_after, Chain__CancelAfterRequest, Chain__CancelAfterReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    if (request->seconds < 0) return err_field(err, INVALID_FIELD, "seconds", "is not below 0");
    if (!book_begin(&b, err) || !book_has_market(&b, err)) return false;
    uint32_t account = account_of(&b);
    if (account == LEDGER_NO_ACCOUNT) return err_fail(err, FUNDS_SHORT, "the account has nothing");
    const struct exchange_person *person = exchange_person(&b.book->exchange, account);
    int64_t at_ms = request->seconds ? b.now_ms + (int64_t)request->seconds * 1000 : 0;
    if (at_ms) reply->cancel_at = stamp_new(b.arena, at_ms);
    if (!at_ms && !(person && person->cancel_ms)) return true;
    book_set_cancel(&b, account, at_ms);
    return book_commit(&b, &reply->base, err);
}

// ---- Lists

struct own_list {
    struct rpc_call *call;
    const Chain__ListOrdersRequest *request;
    Chain__ListOrdersReply *reply;
    uint32_t account, asset; // asset 0: of all roles
};

static bool add_open(const struct own_list *list, const struct book *book)
{
    const struct exchange_person *person = exchange_person(&book->exchange, list->account);
    struct arena *arena = list->call->arena;
    for (uint64_t next = person ? person->newest : 0; next && !arena->failed;) {
        const struct exchange_order *order = exchange_order(&book->exchange, next);
        if (!list->asset || order->asset == list->asset)
            list->reply->orders[list->reply->n_orders++] = dealt_open(book, order, arena);
        next = order->older;
    }
    return !arena->failed;
}

// Whose orders, and those that are open.
static bool list_open(struct own_list *list, bool open, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = list->call};
    if (!book_begin(&b, err)) return false;
    if (*list->request->role_id && !find_role(&b, list->request->role_id, &list->asset, err)) return false;
    list->account = account_of(&b);
    bool both = !list->request->state && !*list->request->page_token;
    if ((open || both) && !add_open(list, b.book)) return book_filled(NULL, err);
    return open || rows_reach(&b, err);
}

static bool find_closed(const struct own_list *list, struct store_rows *rows, struct err *err)
{
    const Chain__ListOrdersRequest *request = list->request;
    const struct chain *chain = list->call->service;
    const bool filled = request->state == CHAIN__CARD_ORDER__STATE__FILLED;
    const bool ended = filled || request->state == CHAIN__CARD_ORDER__STATE__CANCELLED;
    struct store_query query = {.index = ended ? (list->asset ? "by_role_end" : "by_end")
                                               : (list->asset ? "by_role" : "by_account"),
                                .descending = true,
                                .limit = request->page_size > 0 ? (uint32_t)request->page_size : PAGE,
                                .page_token = request->page_token};
    query.equal[query.equal_count++].number = list->account;
    if (list->asset) query.equal[query.equal_count++].number = list->asset;
    if (ended) query.equal[query.equal_count++].number = filled;
    return store_find(chain->store, &chain_tables[CHAIN_ORDERS], &query, list->call->arena, rows, err);
}

// The store is read without the ledger's lock.
static bool list_closed(const struct own_list *list, struct err *err)
{
    struct store_rows rows;
    if (!find_closed(list, &rows, err)) return false;
    AUTO_BOOK struct book_call b = {.call = list->call};
    if (!book_begin(&b, err)) return false;
    for (size_t i = 0; i < rows.count && !b.arena->failed; i++)
        list->reply->orders[list->reply->n_orders++] =
            dealt_closed(b.book, (const Ledger__OrderRow *)rows.messages[i], b.arena);
    list->reply->next_page_token = rows.next_page_token;
    return !b.arena->failed || book_filled(NULL, err);
}

HANDLER(list_orders, Chain__ListOrdersRequest, Chain__ListOrdersReply)
{
    struct own_list list = {.call = call, .request = request, .reply = reply};
    reply->orders = arena_array(call->arena, 2 * EXCHANGE_OPEN_MAX, sizeof *reply->orders);
    if (!reply->orders) return book_filled(NULL, err);
    bool open = request->state == CHAIN__CARD_ORDER__STATE__OPEN ||
                request->state == CHAIN__CARD_ORDER__STATE__PARTIAL;
    if (!list_open(&list, open, err)) return false;
    return open || list.account == LEDGER_NO_ACCOUNT || list_closed(&list, err);
}

const struct rpc_method chain_order_methods[] = {
    RPC_METHOD("chain.PlaceOrder", place_order),   RPC_METHOD("chain.ListOrders", list_orders),
    RPC_METHOD("chain.CancelOrder", cancel_order), RPC_METHOD("chain.CancelOrders", cancel_orders),
    RPC_METHOD("chain.CancelAfter", cancel_after), {0},
};
