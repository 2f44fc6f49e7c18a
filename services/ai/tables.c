// The tables of the ai service, and their indexes.
#include "services/ai/tables.h"

#include "discord.pb-c.h"
#include "lib/bus/consumer.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "spending.pb-c.h"
#include "standings.pb-c.h"

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
    [AI_CONSUMED] = BUS_CONSUMED,
    [AI_NAMES] = NAMES_TABLE,
    [AI_LEASES] = REPLICA_LEASES,
    [AI_BEATS] = REPLICA_BEATS,
    [AI_TABLES] = {.name = NULL},
};
