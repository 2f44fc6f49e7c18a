// Asking by RPC.
#include <stdlib.h>
#include <string.h>

#include "lib/rpc/client.h"
#include "services/ai/ai.h"
#include "services/ai/pool/outside.h"

enum { ASK_MS = 3000 };

struct lines {
    struct rpc_client *events, *auth, *chain;
};

static bool open_line(struct rpc_client **client, const struct ai *ai, const char *service,
                      const char *address, struct err *err)
{
    const struct rpc_client_options options = {
        .service = service, .self = CONSE__ASKER__VALUE__AI, .address = address, .bus_keys = ai->bus_keys};
    return rpc_client_create(client, &options, err);
}

bool lines_open(struct lines **out, const struct ai *ai, struct err *err)
{
    struct lines *lines = *out = calloc(1, sizeof *lines);
    if (!lines) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return open_line(&lines->events, ai, "events", ai->events, err) &&
           open_line(&lines->auth, ai, "auth", ai->auth, err) &&
           open_line(&lines->chain, ai, "chain", ai->chain, err);
}

void lines_close(struct lines *lines)
{
    if (!lines) return;
    rpc_client_destroy(lines->events);
    rpc_client_destroy(lines->auth);
    rpc_client_destroy(lines->chain);
    free(lines);
}

static struct rpc_client *line_of(const struct lines *lines, const char *method)
{
    if (strncmp(method, "auth.", 5) == 0) return lines->auth;
    return strncmp(method, "chain.", 6) == 0 ? lines->chain : lines->events;
}

static bool lines_ask(void *arg, const struct outside_question *question, struct arena *arena,
                      ProtobufCMessage **reply, struct err *err)
{
    struct lines *lines = arg;
    const struct rpc_asked asked = {question->method, question->key, question->caller, question->request};
    return rpc_client_command(line_of(lines, question->method), &asked, ASK_MS, arena, reply, err);
}

struct outside lines_outside(struct lines *lines) { return (struct outside){lines_ask, lines}; }
