// Parts of making rows. Private to the room.
#ifndef CHAIN_ROWS_PAGE_H
#define CHAIN_ROWS_PAGE_H

#include "services/chain/chain.h"
#include "services/chain/rows/rows.h"
#include "services/chain/tables.h"
#include "ledger.pb-c.h"

enum { ROWS_CANDLE_LENGTHS = 4 };

// Some entries of which rows are made together.
struct rows_page {
    struct chain *chain;
    struct arena *arena;
    uint64_t ticket;             // of the newest row
    size_t queued;               // rows since one was waited for
    Ledger__CandleRow **candles; // that the page changes: room for ROWS_CANDLE_LENGTHS of each entry
    size_t candle_count;
    Ledger__PaymentRow **payments; // that the page changes
    size_t payment_count, payment_room;
    uint64_t told;                  // the ticket of what events are told last
    Ledger__Entry__BodyCase before; // of the entry before
};

void rows_page_put(struct rows_page *page, enum chain_table table, const ProtobufCMessage *row,
                   uint64_t number);

MUST_CHECK bool rows_page_order(struct rows_page *page, uint64_t number, const Ledger__Entry *entry,
                                struct err *err);
MUST_CHECK bool rows_page_withdrawn(struct rows_page *page, uint64_t number,
                                    const Ledger__Withdrawn *withdrawn, struct err *err);

// The act of the append that the entry is in, for the audit, if there is one. Blocks.
MUST_CHECK bool rows_page_act(struct rows_page *page, uint64_t number, const Ledger__Entry *entry,
                              struct err *err);
// The same of what goes back to who paid; row: as it is now.
MUST_CHECK bool rows_page_refund(struct rows_page *page, uint64_t number, const Ledger__Entry *entry,
                                 const Ledger__PaymentRow *row, struct err *err);

// A payment's row, or an event's, and what events are told of it.
MUST_CHECK bool rows_page_payment(struct rows_page *page, uint64_t number, const Ledger__Entry *entry,
                                  struct err *err);
MUST_CHECK bool rows_page_paid_event(struct rows_page *page, uint64_t number, const Ledger__Entry *entry,
                                     struct err *err);
// Waits until what events are told is stored, then says that it is there.
MUST_CHECK bool rows_page_told(struct rows_page *page, struct err *err);
// What the cluster is there for. Tells events where that is another than they were told; blocks.
enum rows_offers { ROWS_LAMPORTS = 1, ROWS_BEACONS = 2 };
MUST_CHECK bool rows_tell_offers(struct chain *chain, unsigned offers, struct err *err);

// A trade, for its candles: they are read when they are not there, and stored by rows_page_candles_put.
struct rows_trade {
    uint32_t asset, quantity;
    int64_t price, time_ms;
    uint64_t entry;
};
MUST_CHECK bool rows_page_candles_add(struct rows_page *page, const struct rows_trade *trade,
                                      struct err *err);
// All trades of that entry, and of those before, are in the page's candles.
void rows_page_candles_done(struct rows_page *page, uint64_t entry);
void rows_page_candles_put(struct rows_page *page);

#endif
