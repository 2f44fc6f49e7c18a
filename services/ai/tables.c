// The tables of the ai service, and their indexes.
#include "services/ai/tables.h"

#include "discord.pb-c.h"
#include "lib/bus/consumer.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "queue.pb-c.h"
#include "spending.pb-c.h"
#include "standings.pb-c.h"

enum { PAGE = 200, ARENA = 1 << 20 };

const struct store_table ai_tables[] = {
    [AI_PLACES] = {.name = "places", .type = &standings__place_row__descriptor, .key = "id", .version = 1},
    [AI_RESULTS] = {.name = "results",
                    .type = &standings__result_row__descriptor,
                    .key = "id",
                    .version = 1,
                    .indexes = {{.name = "by_player", .fields = {"player", "entry"}}}},
    [AI_SPENT] = {.name = "spent", .type = &spending__spent_row__descriptor, .key = "id", .version = 1},
    [AI_PARTS] = {.name = "parts",
                  .type = &standings__part_row__descriptor,
                  .key = "id",
                  .version = 1,
                  .indexes = {{.name = "by_player", .fields = {"player", "entry"}},
                              {.name = "by_role", .fields = {"role_id", "entry"}}}},
    [AI_JUDGEMENTS] = {.name = "judgements",
                       .type = &standings__judgement_row__descriptor,
                       .key = "id",
                       .version = 1,
                       .indexes = {{.name = "by_kind", .fields = {"kind", "time_ms"}},
                                   {.name = "by_user", .fields = {"user_id"}}}},
    [AI_JOBS] = {.name = "jobs",
                 .type = &discord__job_row__descriptor,
                 .key = "id",
                 .version = 1,
                 .indexes = {{.name = "by_state", .fields = {"state", "received_ms"}},
                             {.name = "by_user", .fields = {"kind", "user_id", "received_ms"}},
                             {.name = "by_channel", .fields = {"kind", "channel_id", "received_ms"}},
                             {.name = "by_time", .fields = {"received_ms"}}}},
    [AI_CODES] = {.name = "codes",
                  .type = &discord__code_row__descriptor,
                  .key = "id",
                  .version = 1,
                  .indexes = {{.name = "by_time", .fields = {"until_ms"}}}},
    [AI_LINKS] = {.name = "links",
                  .type = &discord__link_row__descriptor,
                  .key = "id",
                  .version = 1,
                  .indexes = {{.name = "by_user", .fields = {"user_id"}}}},
    [AI_TICKETS] = {.name = "tickets",
                    .type = &queue__ticket_row__descriptor,
                    .key = "user_id",
                    .version = 1,
                    .indexes = {{.name = "by_joining", .fields = {"state", "joined_ms"}},
                                {.name = "by_change", .fields = {"state", "changed_ms"}},
                                {.name = "by_offer", .fields = {"offer_id"}}}},
    [AI_OFFERS] = {.name = "offers",
                   .type = &queue__offer_row__descriptor,
                   .key = "id",
                   .version = 1,
                   .indexes = {{.name = "by_state", .fields = {"state", "made_ms"}}}},
    [AI_HIDDEN] = {.name = "hidden",
                   .type = &queue__hidden_row__descriptor,
                   .key = "id",
                   .version = 1,
                   .indexes = {{.name = "by_user", .fields = {"user_id", "time_ms"}}}},
    [AI_CONSUMED] = BUS_CONSUMED,
    [AI_NAMES] = NAMES_TABLE,
    [AI_LEASES] = REPLICA_LEASES,
    [AI_BEATS] = REPLICA_BEATS,
    [AI_TABLES] = {.name = NULL},
};

static bool forget_some(struct store *store, const struct store_table *table, const char *user_id,
                        struct arena *arena, size_t *count, struct err *err)
{
    const struct store_query query = {
        .index = "by_user", .equal = {{.text = user_id}}, .equal_count = 1, .limit = PAGE};
    struct store_rows rows;
    uint64_t ticket = 0;
    if (!store_find(store, table, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_write write = {.after = ticket};
        ticket = store_delete(store, table, store_row_id(table, rows.messages[i]), rows.versions[i], &write);
    }
    *count = rows.count;
    return !ticket || store_wait(store, ticket, err);
}

bool tables_forget(struct store *store, enum ai_table table, const char *user_id, struct err *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena, ARENA);
    for (size_t count = PAGE; ok && count == PAGE; arena_reset(&arena))
        ok = forget_some(store, &ai_tables[table], user_id, &arena, &count, err);
    arena_finish(&arena);
    return ok;
}
