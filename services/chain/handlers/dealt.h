// The market as people see it. Private to the room. What is returned is in the arena, NULL when that is full.
#ifndef CHAIN_HANDLERS_DEALT_H
#define CHAIN_HANDLERS_DEALT_H

#include "deals.pb-c.h"
#include "services/chain/book/orders.h"
#include "services/chain/exchange/told.h"
#include "services/chain/handlers/handlers.h"

enum { DEALT_DEPTH = 50, DEALT_DEPTH_MAX = 200, DEALT_KEY = 16 };

// One that is open.
Chain__CardOrder *dealt_open(const struct book *book, const struct exchange_order *order,
                             struct arena *arena);
// As its entry of this number says, right after it.
Chain__CardOrder *dealt_placed(const struct book *book, const Ledger__Entry *entry, uint64_t number,
                               struct arena *arena);
Chain__CardOrder *dealt_closed(const struct book *book, const Ledger__OrderRow *row, struct arena *arena);

// A fill of an order that came, as whose it is sees it.
Chain__CardTrade *dealt_fill(const struct book *book, const Ledger__Entry *entry, uint64_t number,
                             size_t place, struct arena *arena);
Chain__CardTrade *dealt_trade(const struct book *book, const Ledger__TradeRow *row, struct arena *arena);
Chain__CardTrade *dealt_last(const struct exchange_role *role, struct arena *arena); // or NULL: there is none

Chain__BookLevel *dealt_level(const struct market_level *level, struct arena *arena);
// False when the arena is full.
bool dealt_book(const struct exchange_role *role, uint32_t depth, Chain__BookSnapshot *shown,
                struct arena *arena);

// One message about a book, and one about somebody's order, without number and cursor. NULL of NULL.
Chain__BookEntry *dealt_message(const struct exchange_role *role, const struct exchange_message *message,
                                struct arena *arena);
Chain__OrdersEntry *dealt_news(const struct book *book, const struct exchange_news *news,
                               struct arena *arena);
// Whose stream it is, in this store: its beginning is the epoch of cursors.
void dealt_key(const struct chain *chain, const char *kind, const uint8_t id[16], uint8_t key[DEALT_KEY]);

const char *dealt_role_id(const struct exchange_role *role, struct arena *arena);

#endif
