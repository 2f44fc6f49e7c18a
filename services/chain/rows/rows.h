// The thread that makes rows from the ledger's entries, in order, each once they are durable: blocks, closed
// orders, trades, candles. Of several processes one does it; how far it came is a row behind them.
#ifndef CHAIN_ROWS_ROWS_H
#define CHAIN_ROWS_ROWS_H

#include "services/chain/book/call.h"
#include "services/chain/chain.h"

MUST_CHECK bool book_rows_start(struct book_rows **rows, struct chain *chain, struct err *err);
void book_rows_stop(struct book_rows *rows); // NULL is fine
// Says on the bus how far what events are told reaches.
MUST_CHECK bool rows_tell_head(struct chain *chain, struct err *err);
// Makes what is missing; blocks.
MUST_CHECK bool book_rows_catch_up(struct chain *chain, struct err *err);
// Leaves the ledger as the call found it; then there are rows of all that it had, made here if nobody has
// made them yet, as when the process that makes them has died. Who answers from rows calls it first. Blocks.
MUST_CHECK bool rows_reach(struct book_call *b, struct err *err);

#endif
