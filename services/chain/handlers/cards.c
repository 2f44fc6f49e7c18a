// Role cards: whose they are, how they come into being, and whether they are dealt in.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/names/names.h"
#include "market.pb-c.h"
#include "services/chain/book/acts.h"
#include "services/chain/handlers/dealt.h"
#include "services/chain/rows/rows.h"
#include "services/chain/tables.h"

enum { PAGE = 100 };

// A page of the caller's cards: those before it are passed over.
struct card_page {
    struct book_call *b;
    Chain__ListCardsReply *reply;
    uint64_t skip, limit;
    bool more;
};

static Chain__OwnCard *make_card(const struct exchange_role *role, uint32_t card, uint64_t order,
                                 struct arena *arena)
{
    Chain__OwnCard *shown = arena_new(arena, Chain__OwnCard);
    if (!shown) return NULL;
    chain__own_card__init(shown);
    shown->role_id = dealt_role_id(role, arena);
    shown->number = card;
    shown->event_id = arena_str(arena, uuid_text(cards_event(&role->cards, card)).text);
    shown->order_id = order;
    shown->transaction_id = cards_made(&role->cards, card);
    return shown;
}

static void add_queue(struct card_page *page, const struct exchange_role *role,
                      const struct card_queue *queue, uint64_t order)
{
    if (page->skip >= queue->count) {
        page->skip -= queue->count;
        return;
    }
    uint32_t card = queue->first;
    for (uint32_t i = 0; i < queue->count; i++, card = cards_next(&role->cards, card)) {
        if (page->skip) {
            page->skip--;
            continue;
        }
        page->more |= page->reply->n_cards == page->limit;
        if (page->more) return;
        page->reply->cards[page->reply->n_cards++] = make_card(role, card, order, page->b->arena);
    }
}

static void add_all(struct card_page *page, uint32_t account, uint32_t asset)
{
    const struct exchange *exchange = &page->b->book->exchange;
    const struct exchange_person *person = exchange_person(exchange, account);
    for (uint32_t i = BOOK_FIRST_CARD; i < page->b->book->assets_count && !page->more; i++) {
        const struct card_queue *own = exchange_holder(exchange, account, i);
        if (own && (!asset || asset == i)) add_queue(page, exchange_role(exchange, i), own, 0);
    }
    for (uint64_t next = person ? person->oldest : 0; next && !page->more;) {
        const struct exchange_order *order = exchange_order(exchange, next);
        if (!asset || asset == order->asset)
            add_queue(page, exchange_role(exchange, order->asset), &order->cards, next);
        next = order->newer;
    }
}

static bool read_token(const char *token, uint64_t *skip, struct err *err)
{
    char *end;
    *skip = strtoull(token, &end, 10);
    bool number = !*token || (*token >= '1' && *token <= '9' && !*end && strlen(token) < 20);
    return number || err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token of this list");
}

HANDLER(list_cards, Chain__ListCardsRequest, Chain__ListCardsReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct card_page page = {
        .b = &b, .reply = reply, .limit = request->page_size > 0 ? (uint64_t)request->page_size : PAGE};
    uint64_t skip;
    if (!read_token(request->page_token, &skip, err) || !book_begin(&b, err)) return false;
    const struct ledger_owner owner = book_user(call->caller->user_id);
    uint32_t account = ledger_accounts_find(&b.book->accounts, &owner), asset = 0;
    if (*request->role_id && !(asset = book_asset_find(b.book, LEDGER__ASSET__KIND__CARD, request->role_id)))
        return true;
    if (account == LEDGER_NO_ACCOUNT) return true;
    reply->cards = arena_array(b.arena, page.limit + 1, sizeof *reply->cards);
    if (!reply->cards) return book_filled(NULL, err);
    page.skip = skip;
    add_all(&page, account, asset);
    if (page.more) reply->next_page_token = arena_printf(b.arena, "%" PRIu64, skip + page.limit);
    return !b.arena->failed || book_filled(NULL, err);
}

// ---- Of a game

enum { EVENT_CARDS_MOST = 1000 };

static Chain__WonCard *show_won(const struct book_call *b, const struct exchange_role *role, uint32_t card)
{
    const struct ledger_owner owner = ledger_owner_of(&b->book->accounts, cards_winner(&role->cards, card));
    Chain__WonCard *shown = arena_new(b->arena, Chain__WonCard);
    if (!shown) return NULL;
    chain__won_card__init(shown);
    if (owner.kind == LEDGER_USER) shown->user_id = arena_str(b->arena, uuid_text(owner.id).text);
    shown->role_id = dealt_role_id(role, b->arena);
    shown->number = card;
    shown->transaction_id = cards_made(&role->cards, card);
    return shown;
}

static void add_won(const struct book_call *b, const struct exchange_role *role, const uint8_t event[16],
                    Chain__EventRewards *reply)
{
    for (uint32_t card = 1; card <= role->cards.count && reply->n_cards < EVENT_CARDS_MOST; card++)
        if (memcmp(cards_event(&role->cards, card), event, 16) == 0)
            reply->cards[reply->n_cards++] = show_won(b, role, card);
}

static Chain__GivenCoins *show_coins(const struct book_call *b, const Ledger__CoinsRow *row)
{
    const Ledger__CoinsGiven *given = row->given;
    Chain__GivenCoins *shown = arena_new(b->arena, Chain__GivenCoins);
    if (!shown) return NULL;
    chain__given_coins__init(shown);
    const struct ledger_owner owner = ledger_owner_of(&b->book->accounts, given->account);
    if (owner.kind == LEDGER_USER) shown->user_id = arena_str(b->arena, uuid_text(owner.id).text);
    shown->attendance = given->offer->marks[0];
    shown->activity = given->offer->marks[1];
    shown->discipline = given->offer->marks[2];
    shown->score = given->offer->marks[3];
    shown->class_ = (Chain__GivenCoins__Class)given->offer->class_;
    shown->factor = given->offer->percent / 100.0;
    shown->coins = given->offer->coins;
    shown->formula = given->formula;
    shown->model = given->model;
    shown->transaction_id = row->entry;
    return shown;
}

static bool is_shown(const Ledger__CoinsRow *row)
{
    return row->given && row->given->offer && row->given->offer->n_marks == MERIT_MARKS;
}

// What is stored is read without the lock.
static bool find_coins(struct book_call *b, const char *event_id, struct store_rows *rows, struct err *err)
{
    const struct chain *chain = b->call->service;
    const struct store_query query = {
        .index = "by_event", .equal = {{.text = event_id}}, .equal_count = 1, .limit = MERIT_PLAYERS_MAX};
    return book_begin(b, err) && rows_reach(b, err) &&
           store_find(chain->store, &chain_tables[CHAIN_COINS], &query, b->call->arena, rows, err) &&
           book_begin(b, err);
}

static bool add_coins(const struct book_call *b, const struct store_rows *rows, Chain__EventRewards *reply)
{
    reply->coins = arena_array(b->arena, rows->count + 1, sizeof *reply->coins);
    for (size_t i = 0; reply->coins && i < rows->count; i++) {
        const Ledger__CoinsRow *row = (const Ledger__CoinsRow *)rows->messages[i];
        if (!is_shown(row)) continue;
        reply->coins[reply->n_coins] = show_coins(b, row);
        if (!reply->coins[reply->n_coins++]) return false;
    }
    return reply->coins;
}

HANDLER(get_event_rewards, Chain__EventRewardsRequest, Chain__EventRewards)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct store_rows coins;
    uint8_t event[16];
    uuid_bytes(request->event_id, event);
    if (!find_coins(&b, request->event_id, &coins, err)) return false;
    if (!add_coins(&b, &coins, reply)) return book_filled(NULL, err);
    reply->event_id = request->event_id;
    reply->cards = arena_array(b.arena, EVENT_CARDS_MOST, sizeof *reply->cards);
    if (!reply->cards) return book_filled(NULL, err);
    for (uint32_t i = BOOK_FIRST_CARD; i < b.book->assets_count; i++)
        add_won(&b, exchange_role(&b.book->exchange, i), event, reply);
    reply->judged = reply->n_cards || reply->n_coins || merit_knows(&b.book->merit, event);
    return !b.arena->failed || book_filled(NULL, err);
}

// ---- Of operators

// Nobody's card goes to an account that does not exist.
static bool is_there(const struct book_call *b, const char *user_id, struct err *err)
{
    struct name_told told;
    const struct ledger_owner owner = book_user(user_id);
    bool known = names_get(b->chain->names, user_id, &told) && !book_is_leaving(b->book, &owner);
    return known || err_field(err, NOT_FOUND, "user_id", "there is no such user");
}

HANDLER(make_one, Chain__MakeCardRequest, Chain__MakeCardReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    if (!book_begin(&b, err) || !book_has_market(&b, err) || !is_there(&b, request->user_id, err))
        return false;
    book_act_card(&b, request->role_id, request->user_id);
    uint32_t card = book_make_card(&b, request->user_id, request->role_id, request->event_id);
    uint32_t asset = book_asset_find(b.book, LEDGER__ASSET__KIND__CARD, request->role_id);
    if (!card && !b.failed) return err_fail(err, INVALID_FIELD, "there are too many roles");
    if (!card) return book_filled(NULL, err);
    reply->card = make_card(exchange_role(&b.book->exchange, asset), card, 0, b.arena);
    return book_filled(reply->card, err) && book_commit(&b, &reply->base, err);
}

HANDLER(stop_role, Chain__StopRoleRequest, Chain__StopRoleReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    if (!book_begin(&b, err) || !book_has_market(&b, err)) return false;
    uint32_t asset = book_asset_find(b.book, LEDGER__ASSET__KIND__CARD, request->role_id);
    if (!asset) return err_field(err, NOT_FOUND, "role_id", "there are no cards of this role");
    const struct exchange_role *role = exchange_role(&b.book->exchange, asset);
    book_act_stopped(&b, request->role_id, !request->go_on);
    if (role->stopped == request->go_on) book_stop_role(&b, asset, !request->go_on);
    if (!request->go_on)
        reply->count = (uint32_t)book_withdraw_role(&b, asset, LEDGER__ORDER__REASON__ROLE_DISABLED);
    reply->more = !request->go_on && role->market && market_count(role->market);
    return book_commit(&b, &reply->base, err);
}

const struct rpc_method chain_card_methods[] = {
    RPC_METHOD("chain.ListCards", list_cards),
    RPC_METHOD("chain.GetEventRewards", get_event_rewards),
    RPC_METHOD("chain.MakeCard", make_one),
    RPC_METHOD("chain.StopRole", stop_role),
    {0},
};
