#include "lib/rpc/leads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEADS_MS = 10000 };

static struct rpc_lead *place_of(const struct rpc_leads *leads, const char *stream)
{
    uint32_t hash = 2166136261U;
    for (const char *c = stream; *c; c++) hash = (hash ^ (uint8_t)*c) * 16777619U;
    return &leads->places[hash % RPC_LEADS];
}

// Without memory nothing is remembered.
void rpc_leads_learn(struct rpc_leads *leads, const char *stream, const char *address, int64_t mono_ms)
{
    if (strlen(stream) >= RPC_LEADS_STREAM || strlen(address) >= PEERS_ADDRESS) return;
    if (!leads->places) leads->places = calloc(RPC_LEADS, sizeof *leads->places);
    if (!leads->places) return;
    struct rpc_lead *lead = place_of(leads, stream);
    snprintf(lead->stream, sizeof lead->stream, "%s", stream);
    snprintf(lead->address, sizeof lead->address, "%s", address);
    lead->until_ms = mono_ms + LEADS_MS;
}

const char *rpc_leads_find(const struct rpc_leads *leads, const char *stream, int64_t mono_ms)
{
    if (!leads->places) return NULL;
    const struct rpc_lead *lead = place_of(leads, stream);
    return strcmp(lead->stream, stream) == 0 && mono_ms < lead->until_ms ? lead->address : NULL;
}

void rpc_leads_finish(struct rpc_leads *leads) { free(leads->places); }
