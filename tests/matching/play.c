// play engine FILE [--books]: a workload of the public matching benchmark, by the order book alone.
// play service FILE [--books] ADDRESS PEOPLE CARDS: the same by conse-chain, on the ledger that prepare made
// with these. play commands COUNT SEED ADDRESS PEOPLE: random commands, and what holds after each entry of
// that ledger. Prints what it found as JSON.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "market.pb-c.h"
#include "tests/matching/commands.h"
#include "tests/matching/engine.h"
#include "tests/matching/entries.h"
#include "tests/matching/story.h"
#include "tests/matching/wealth.h"
#include "tools/bench/money_ledger.h"

static uint32_t number_of(const char *text)
{
    char *end;
    const unsigned long number = strtoul(text, &end, 10);
    if (*end || !*text || !number || number > UINT32_MAX) matching_fail("\"%s\" is no number", text);
    return (uint32_t)number;
}

static void play_engine(const char *file, bool books)
{
    struct workload workload;
    struct reports reports;
    workload_read(&workload, file);
    reports_begin(&reports);
    const double began = money_seconds();
    engine_play(&workload, books, &reports);
    reports_print(&reports, money_seconds() - began);
    workload_finish(&workload);
}

// The next workload begins with an empty book.
static void withdraw_all(struct bus *bus, uint32_t people)
{
    for (uint32_t person = 0; person < 2 * people; person++) {
        Chain__CancelOrdersRequest request = CHAIN__CANCEL_ORDERS_REQUEST__INIT;
        bus_ask(bus, person, "chain.CancelOrders", &request.base);
    }
}

static void play_service(const char *file, bool books, char **argv)
{
    static struct service service;
    const uint32_t people = number_of(argv[1]), cards = number_of(argv[2]);
    struct workload workload;
    struct reports reports;
    struct traders traders;
    struct bus bus;
    workload_read(&workload, file);
    reports_begin(&reports);
    traders_begin(&traders, people, cards);
    bus_open(&bus, argv[0]);
    const double began = money_seconds();
    service_play(&service, &bus, &workload, &traders, books ? &reports : NULL);
    const double seconds = money_seconds() - began;
    story_report(&service, &reports);
    withdraw_all(&bus, people);
    reports_print(&reports, seconds);
    service_finish(&service);
    bus_close(&bus);
    traders_finish(&traders);
    workload_finish(&workload);
}

static void play_commands(char **argv)
{
    static struct wealth wealth;
    struct bus bus;
    struct entries entries;
    const Ledger__Entry *entry;
    bus_open(&bus, argv[2]);
    struct commands commands = {.bus = &bus, .seed = number_of(argv[1]), .people = 2 * number_of(argv[3])};
    commands_play(&commands, number_of(argv[0]));
    entries_begin(&entries, &bus, 1);
    while ((entry = entries_next(&entries))) wealth_take(&wealth, entries.next - 1, entry);
    printf("{\"commands\": %zu, \"refused\": %zu, \"entries\": %" PRIu64 ", \"trades\": %" PRIu64 "}\n",
           commands.done, commands.refused, wealth.entries, wealth.trades);
    entries_finish(&entries);
    free(wealth.orders);
    bus_close(&bus);
}

int main(int argc, char **argv)
{
    const bool books = argc > 3 && strcmp(argv[3], "--books") == 0;
    if ((argc == 3 || (argc == 4 && books)) && strcmp(argv[1], "engine") == 0)
        play_engine(argv[2], books);
    else if (argc == 6 + books && strcmp(argv[1], "service") == 0)
        play_service(argv[2], books, argv + 3 + books);
    else if (argc == 6 && strcmp(argv[1], "commands") == 0)
        play_commands(argv + 2);
    else
        matching_fail("play engine FILE [--books] | service FILE [--books] ADDRESS PEOPLE CARDS | commands "
                      "COUNT SEED ADDRESS PEOPLE");
    return 0;
}
