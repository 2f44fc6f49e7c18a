#include "tests/matching/story.h"

#include <stdlib.h>

#include "tests/matching/entries.h"

struct story {
    const struct service *service;
    struct reports *reports;
    struct entries entries;
    uint64_t *orders; // of the workload, by their entries since it began
};

static const Ledger__Ordered *find_placed(struct story *story, uint64_t number)
{
    const Ledger__Entry *entry;
    while ((entry = entries_next(&story->entries)) && story->entries.next <= number) continue;
    if (!entry || entry->body_case != LEDGER__ENTRY__BODY_ORDERED)
        matching_fail("an order is not in the ledger");
    return entry->ordered;
}

static void report_trades(struct story *story, const struct message *message, const struct answer *answer)
{
    const struct service *service = story->service;
    for (size_t part = 0; part < answer->parts; part++) {
        const uint64_t number = service->numbers[answer->first + part];
        const Ledger__Ordered *placed = find_placed(story, number);
        story->orders[number - service->before] = message->order;
        for (size_t i = 0; i < placed->n_fills; i++)
            reports_trade(story->reports, message, story->orders[placed->fills[i]->order - service->before],
                          placed->fills[i]->price, placed->fills[i]->quantity);
    }
}

static void report_answer(struct story *story, const struct message *message, const struct answer *answer)
{
    if (answer->refused) {
        reports_refused(story->reports, message);
        return;
    }
    if (message->kind == MESSAGE_NEW) reports_placed(story->reports, message);
    report_trades(story, message, answer);
    if (message->kind == MESSAGE_CANCEL)
        reports_withdrawn(story->reports, message, answer->side, answer->price);
    if (message->kind == MESSAGE_MODIFY) reports_modified(story->reports, message, answer->side);
    if (message->kind == MESSAGE_NEW && answer->withdrawn)
        reports_withdrawn(story->reports, message, message->side, message->price);
}

void story_report(const struct service *service, struct reports *reports)
{
    struct story story = {.service = service, .reports = reports};
    const uint64_t newest = bus_newest_entry(service->bus);
    story.orders = matching_array(newest - service->before + 1, sizeof *story.orders);
    entries_begin(&story.entries, service->bus, service->before + 1);
    for (size_t i = 0; i < service->workload->count; i++)
        report_answer(&story, &service->workload->messages[i], &service->answers[i]);
    entries_finish(&story.entries);
    free(story.orders);
}
