// Telling others on the bus, once entries are durable, which books changed, and whose orders.
#ifndef CHAIN_NEWS_H
#define CHAIN_NEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEWS_BOOK "market."
#define NEWS_ORDERS "orders."

enum { NEWS_STREAM = 48 };

struct chain;

struct news_item {
    char stream[NEWS_STREAM];
    uint64_t number; // the newest of the stream
};

// Never blocks.
void chain_news_tell(struct chain *chain, const struct news_item *items, size_t count);

#endif
