// The service's Feed: chain.ledger and chain.audit for operators, chain.payments for events, numbers of the
// market's streams for the gateway.
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/bus/feed.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/news.h"
#include "services/chain/till/told.h"

static bool fill_notice(struct rpc_call *call, int64_t time_ms, const char *kind, ProtobufCBinaryData bytes,
                        Bus__Notice *notice, struct err *err)
{
    notice->time = stamp_new(call->arena, time_ms);
    notice->kind = kind;
    notice->payload = bytes;
    return book_filled(notice->time, err);
}

static bool ledger_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                          struct err *err)
{
    const Ledger__Entry *entry = ledger__entry__unpack(&call->arena->allocator, bytes.len, bytes.data);
    return book_filled(entry, err) && fill_notice(call, entry->time_ms, "chain.entry", bytes, notice, err);
}

// How much was told on one of the market's streams; 0: nothing, or there is none.
static uint64_t told_on(const struct book *book, const char *stream)
{
    const bool of_book = strncmp(stream, NEWS_BOOK, strlen(NEWS_BOOK)) == 0;
    const char *id = stream + strlen(of_book ? NEWS_BOOK : NEWS_ORDERS);
    if (!uuid_check(id)) return 0;
    if (of_book) {
        uint32_t asset = book_asset_find(book, LEDGER__ASSET__KIND__CARD, id);
        return asset ? exchange_role(&book->exchange, asset)->told : 0;
    }
    const struct ledger_owner owner = book_user(id);
    uint32_t account = ledger_accounts_find(&book->accounts, &owner);
    const struct exchange_person *person =
        account == LEDGER_NO_ACCOUNT ? NULL : exchange_person(&book->exchange, account);
    return person ? person->told : 0;
}

// That something was told; what, FollowBook and FollowOrders tell those who may know.
static bool read_market(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                        struct feed_page *page, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    if (!feed_asks_by_itself(call)) return feed_absent(err);
    if (!book_begin(&b, err)) return false;
    page->head = told_on(b.book, stream);
    if (!page->head) return feed_absent(err);
    page->notices = arena_array(call->arena, limit + 1, sizeof *page->notices);
    if (!page->notices) return book_filled(NULL, err);
    for (uint64_t number = from ? from : 1; number <= page->head && page->count < limit; number++) {
        Bus__Notice *notice = page->notices[page->count++] = arena_new(call->arena, Bus__Notice);
        if (!notice) return book_filled(NULL, err);
        bus__notice__init(notice);
        notice->stream = stream;
        notice->seq = number;
    }
    return true;
}

static bool is_of_market(const char *stream)
{
    return strncmp(stream, NEWS_BOOK, strlen(NEWS_BOOK)) == 0 ||
           strncmp(stream, NEWS_ORDERS, strlen(NEWS_ORDERS)) == 0;
}

static bool payment_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                           struct err *err)
{
    const Money__FromChain *told = money__from_chain__unpack(&call->arena->allocator, bytes.len, bytes.data);
    return book_filled(told, err) && fill_notice(call, told->time_ms, "chain.payment", bytes, notice, err);
}

// By their names.
static const struct kept {
    const char *stream;
    feed_entry *notice;
} kept_streams[] = {
    {"chain.audit", audit_notice}, {BOOK_STREAM, ledger_notice}, {TOLD_STREAM, payment_notice}, {0}};

static bool read_kept(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                      struct feed_page *page, struct err *err)
{
    const struct chain *chain = call->service;
    const struct kept *kept = kept_streams;
    if (is_of_market(stream)) return read_market(call, stream, from, limit, page, err);
    while (kept->stream && strcmp(stream, kept->stream) != 0) kept++;
    if (!kept->stream || !feed_asks_by_itself(call)) return feed_absent(err);
    return feed_read_store(call, chain->store, stream, from, limit, kept->notice, page, err);
}

static bool list_kept(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                      Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    const struct chain *chain = call->service;
    *count = 0;
    if (!feed_asks_by_itself(call)) return true;
    for (const struct kept *kept = kept_streams; kept->stream && *count < limit; kept++) {
        size_t found = 0;
        if (strncmp(kept->stream, prefix, strlen(prefix)) != 0 || strcmp(kept->stream, after) <= 0) continue;
        if (!feed_heads_store(call, chain->store, kept->stream, "", 1, rows + *count, &found, err))
            return false;
        *count += found;
    }
    return true;
}

static uint64_t generation_of(const struct rpc_call *call)
{
    return store_generation(((const struct chain *)call->service)->store);
}

static const struct feed_source source = {schema_streams, read_kept, list_kept, generation_of};

HANDLER(feed_read_notices, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}

HANDLER(feed_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

const struct rpc_method chain_feed_methods[] = {
    RPC_METHOD("chain.feed.Read", feed_read_notices),
    RPC_METHOD("chain.feed.ListHeads", feed_heads),
    {0},
};
