#include "services/ai/handlers/line.h"

#include "lib/base/clock.h"
#include "services/ai/ai.h"

bool line_open(struct line *line, const struct rpc_call *call, int64_t patience_ms, struct err *err)
{
    const struct ai *ai = call->service;
    const struct rpc_client_options options = {.service = "events",
                                               .self = CONSE__ASKER__VALUE__AI,
                                               .address = ai->events,
                                               .bus_keys = ai->bus_keys};
    *line = (struct line){.reader = call->caller, .until_ms = clock_mono_ms() + patience_ms};
    return rpc_client_create(&line->client, &options, err);
}

bool line_ask(const struct line *line, const char *method, const ProtobufCMessage *request,
              struct arena *arena, ProtobufCMessage **reply, struct err *err)
{
    int64_t left_ms = line->until_ms - clock_mono_ms();
    if (left_ms <= 0) return err_fail(err, DEADLINE_PASSED, "events did not answer in time");
    return rpc_client_ask(line->client, method, line->reader, request, left_ms, arena, reply, err);
}

void line_close(struct line *line) { rpc_client_destroy(line->client); }
