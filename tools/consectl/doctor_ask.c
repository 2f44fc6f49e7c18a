// What consectl doctor asks of what runs.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/bus/bus.h"
#include "lib/net/http.h"
#include "tools/consectl/doctor.h"

#define RUNBOOK "docs/runbooks.md#"

enum { PATIENCE_MS = 5000, PAUSE_US = 20000, MOST_BYTES = 8 << 20 };

// ---- Calls

// The same of every service, so what they have in common is the key.
static void tell_none(struct doctor *doctor)
{
    findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "conseforeignmessages",
                 "no service answers at all: are addresses (CONSE_DATA, CONSE_RUN, CONSE_*_PEERS) and bus "
                 "key here those of the services?");
}

// A connection may end for reasons of its own: who is away is so the second time, too.
static bool ask_twice(struct doctor *doctor, const char *method, const ProtobufCMessage *request,
                      ProtobufCMessage **reply, struct err *err)
{
    return ctl_ask_running(doctor->ctl, method, request, reply, err) ||
           (err_is(err, SERVICE_AWAY) && ctl_ask_running(doctor->ctl, method, request, reply, err));
}

static bool ask_one(struct doctor *doctor, size_t i)
{
    char method[48];
    struct err err;
    ProtobufCMessage *reply;
    const Replica__ListRequest request = REPLICA__LIST_REQUEST__INIT;
    snprintf(method, sizeof method, "%s.ListReplicas", offices[i].name);
    if (ask_twice(doctor, method, &request.base, &reply, &err))
        return doctor->listed[i] = (const Replica__ListReply *)reply, true;
    findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "consedown", "%s does not answer: %s",
                 offices[i].name, err.message);
    return false;
}

static void ask_services(struct doctor *doctor)
{
    const Auth__ListServicesRequest services = AUTH__LIST_SERVICES_REQUEST__INIT;
    const Auth__ListConfigRequest config = AUTH__LIST_CONFIG_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err;
    if (ask_twice(doctor, "auth.ListServices", &services.base, &reply, &err))
        doctor->services = (const Auth__ListServicesReply *)reply;
    else
        findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "consedown",
                     "auth does not tell how the processes do: %s", err.message);
    if (ask_twice(doctor, "auth.ListConfig", &config.base, &reply, &err))
        doctor->config = (const Auth__ListConfigReply *)reply;
    else
        findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "consedown",
                     "auth does not tell the settings in force: %s", err.message);
}

static bool has_ready_gateway(const struct doctor *doctor)
{
    for (size_t i = 0; doctor->services && i < doctor->services->n_services; i++) {
        const Auth__Service *service = doctor->services->services[i];
        if (service->ready && strcmp(service->name, "gateway") == 0) return true;
    }
    return false;
}

// In a container or pod nothing is at the address at which gateways listen.
static void gateway_away(struct doctor *doctor, const char *why)
{
    if (doctor->ctl->url_follows && has_ready_gateway(doctor))
        findings_add(&doctor->findings, VERDICT_WARNING, RUNBOOK "consedown",
                     "gateways are ready, and none is at %s: --url says where to ask", doctor->ctl->url);
    else
        findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "consedown", "%s does not answer: %s",
                     doctor->ctl->url, why);
}

static void ask_gateway(struct doctor *doctor)
{
    char url[PLACE + 32];
    struct http_reply reply;
    struct err err;
    snprintf(url, sizeof url, "%s/.well-known/conse", doctor->ctl->url);
    const struct http_request request = {.method = "GET",
                                         .url = url,
                                         .unproven = true, // it may be asked by its address on this machine
                                         .timeout_ms = PATIENCE_MS,
                                         .max_reply_bytes = MOST_BYTES};
    findings_begin(&doctor->findings, "gateway");
    if (!http_do(&request, &reply, &err)) return gateway_away(doctor, err.message);
    http_reply_finish(&reply);
    if (reply.status != 200)
        findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "conseerrorsfast",
                     "%s answers with status %ld when it is asked who it is", doctor->ctl->url, reply.status);
    findings_end(&doctor->findings, "%s answers", doctor->ctl->url);
}

void doctor_ask(struct doctor *doctor)
{
    size_t answered = 0;
    doctor->ctl->patience_ms = PATIENCE_MS;
    findings_begin(&doctor->findings, "calls");
    for (size_t i = 0; i < DOCTOR_SERVICES; i++) answered += ask_one(doctor, i);
    if (!answered) tell_none(doctor);
    if (doctor->listed[0])
        ask_services(doctor);
    else
        findings_add(&doctor->findings, VERDICT_WARNING, RUNBOOK "consedown",
                     "how the processes do is not known: that is what auth tells");
    findings_end(&doctor->findings, "auth, events, chain and ai answer");
    ask_gateway(doctor);
}

// ---- Topics

static const char *const patterns[DOCTOR_SERVICES] = {"auth.revocations", "events.locks", "chain.payments",
                                                      "ai.games"};

static bool hear_nothing(void *arg, const Bus__Notice *notice)
{
    (void)arg, (void)notice;
    return true;
}

static bool hear_begin(struct doctor *doctor, size_t i, struct bus_subscriber **subscriber, struct err *err)
{
    char bus[PLACE], feed[PLACE];
    const char *service = offices[i].name;
    if (!place_topics(doctor->ctl, bus, service, err) || !place_peers(doctor->ctl, feed, service, err))
        return false;
    const struct bus_subscriber_options options = {
        .self = CONSE__ASKER__VALUE__OPERATOR,
        .pattern = patterns[i],
        .address = bus,
        .feed_service = service,
        .feed_address = feed,
        .bus_keys = doctor->ctl->bus_keys,
        .handler = hear_nothing,
    };
    return bus_subscriber_start(subscriber, &options, err);
}

static bool hear_all(struct bus_subscriber *const subscribers[DOCTOR_SERVICES])
{
    for (size_t i = 0; i < DOCTOR_SERVICES; i++)
        if (subscribers[i] && bus_subscriber_age_ms(subscribers[i]) == INT64_MAX) return false;
    return true;
}

// One that does not even answer calls is told already.
void doctor_hear(struct doctor *doctor)
{
    struct bus_subscriber *subscribers[DOCTOR_SERVICES] = {0};
    struct err err;
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    size_t heard = 0;
    findings_begin(&doctor->findings, "topics");
    for (size_t i = 0; i < DOCTOR_SERVICES; i++)
        if (doctor->listed[i] && !hear_begin(doctor, i, &subscribers[i], &err))
            findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "consedown",
                         "what %s publishes can't be followed: %s", offices[i].name, err.message);
    while (!hear_all(subscribers) && clock_mono_ms() < until_ms) usleep(PAUSE_US);
    for (size_t i = 0; i < DOCTOR_SERVICES; i++) {
        if (!subscribers[i]) continue;
        if (bus_subscriber_age_ms(subscribers[i]) == INT64_MAX)
            findings_add(&doctor->findings, VERDICT_FAILED, RUNBOOK "consedown",
                         "%s answers calls, and what it publishes is not heard: do its port for topics and "
                         "CONSE_*_TOPICS fit?",
                         offices[i].name);
        else
            heard++;
        bus_subscriber_stop(subscribers[i]);
    }
    findings_end(&doctor->findings, "what %zu services publish is heard", heard);
}
