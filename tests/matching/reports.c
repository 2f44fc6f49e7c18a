#include "tests/matching/reports.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { LINE = 160 };

void reports_begin(struct reports *reports)
{
    *reports = (struct reports){.count = 0};
    crypto_hash_sha256_init(&reports->lines);
    crypto_hash_sha256_init(&reports->books);
}

__attribute__((format(printf, 2, 3))) static void add_text(crypto_hash_sha256_state *state,
                                                           const char *format, ...)
{
    char text[LINE];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    crypto_hash_sha256_update(state, (const uint8_t *)text, (size_t)len);
}

// Lines are joined by a line feed, and the last one has none.
#define ADD_LINE(reports, ...)                                                                               \
    do {                                                                                                     \
        if ((reports)->count++) add_text(&(reports)->lines, "\n");                                           \
        add_text(&(reports)->lines, __VA_ARGS__);                                                            \
    } while (0)

void reports_placed(struct reports *reports, const struct message *message)
{
    ADD_LINE(reports, "0,%" PRIu64 ",%u,%" PRIu64 ",%" PRId64 ",%" PRIu32, message->sequence, message->side,
             message->order, message->price, message->quantity);
}

void reports_trade(struct reports *reports, const struct message *taker, uint64_t maker, int64_t price,
                   uint32_t quantity)
{
    reports->trades++;
    ADD_LINE(reports, "1,%" PRIu64 ",%" PRId64 ",%" PRIu32 ",%" PRIu64 ",%" PRIu64, taker->sequence, price,
             quantity, maker, taker->order);
}

void reports_withdrawn(struct reports *reports, const struct message *message, unsigned side, int64_t price)
{
    ADD_LINE(reports, "2,%" PRIu64 ",%u,%" PRIu64 ",%" PRId64, message->sequence, side, message->order,
             price);
}

void reports_modified(struct reports *reports, const struct message *message, unsigned side)
{
    ADD_LINE(reports, "3,%" PRIu64 ",%u,%" PRIu64 ",%" PRId64 ",%" PRIu32, message->sequence, side,
             message->order, message->price, message->quantity);
}

void reports_refused(struct reports *reports, const struct message *message)
{
    ADD_LINE(reports, "%d,%" PRIu64 ",%" PRIu64, message->kind == MESSAGE_CANCEL ? 4 : 5, message->sequence,
             message->order);
}

void reports_level(struct reports *reports, char side, int64_t price, uint64_t quantity)
{
    add_text(&reports->books, "%c%" PRId64 ":%" PRIu64 ";", side, price, quantity);
}

void reports_book_end(struct reports *reports) { add_text(&reports->books, "\n"); }

static void print_hash(const char *name, crypto_hash_sha256_state *state)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof hash + 1];
    crypto_hash_sha256_final(state, hash);
    printf("\"%s\": \"%s\", ", name, sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

void reports_print(struct reports *reports, double seconds)
{
    printf("{");
    print_hash("reports", &reports->lines);
    print_hash("books", &reports->books);
    printf("\"lines\": %" PRIu64 ", \"trades\": %" PRIu64 ", \"seconds\": %.3f}\n", reports->count,
           reports->trades, seconds);
}
