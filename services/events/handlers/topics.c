// Topics that their owners have published outside: made, listed, ended; what their webhooks could not
// deliver.
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "lib/keys/certificate.h"
#include "lib/net/outside_url.h"
#include "services/events/handlers/handlers.h"
#include "services/events/push/courier.h"
#include "services/events/push/letter.h"
#include "services/events/push/push.h"
#include "services/events/push/topic_rows.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum { DEAD_PAGE = 20, DEAD_MOST = 1000 };

static const struct store_table *const topics = &events_tables[EVENTS_TOPICS];
static const struct store_table *const dead_letters = &events_tables[EVENTS_DEAD_LETTERS];

static const struct quota_rule topics_of_owner_rule = {&events_tables[EVENTS_TOPICS], "by_owner", TOPICS_MOST,
                                                       CONSE__REASON__VALUE__TOO_MANY_TOPICS, "topics"};

// ---- Showing

static bool show_webhook(struct rpc_call *call, const Push__TopicRow *row, Events__Topic *topic,
                         struct err *err)
{
    struct events *events = call->service;
    Push__DeliveryRow *place;
    uint64_t version;
    Events__Webhook *webhook = topic->webhook = arena_new(call->arena, Events__Webhook);
    if (!filled(webhook, err)) return false;
    events__webhook__init(webhook);
    webhook->url = row->webhook->url;
    webhook->kinds = row->webhook->kinds;
    webhook->n_kinds = row->webhook->n_kinds;
    if (!store_get(events->store, &events_tables[EVENTS_DELIVERIES], row->id, call->arena,
                   (ProtobufCMessage **)&place, &version, err))
        return false;
    if (!place) return true;
    webhook->delivered = place->index;
    webhook->failures = place->failures;
    webhook->status = place->status;
    webhook->fault = place->fault;
    if (place->next_ms) webhook->next_at = stamp_new(call->arena, place->next_ms);
    return !call->arena->failed || filled(NULL, err);
}

static Events__Topic *show_topic(struct rpc_call *call, const Push__TopicRow *row, struct err *err)
{
    struct events *events = call->service;
    struct stream_name stream = topic_stream(row->id), source = topic_source(row->event_id);
    bool stopped;
    Events__Topic *topic = arena_new(call->arena, Events__Topic);
    if (!filled(topic, err)) return NULL;
    events__topic__init(topic);
    topic->name = row->name;
    topic->pattern = arena_str(call->arena, source.text);
    topic->stream = arena_str(call->arena, stream.text);
    topic->created_at = stamp_new(call->arena, row->created_ms);
    if (!store_head(events->store, stream.text, &topic->head, err) ||
        !topic_is_stopped(events, row, call->now_ms, call->arena, &stopped, err) ||
        (row->webhook && !show_webhook(call, row, topic, err)))
        return NULL;
    topic->stopped = stopped;
    return filled(topic->created_at, err) ? topic : NULL;
}

// ---- Making

static bool may_publish(struct rpc_call *call, const char *event_id, struct err *err)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (strcmp(event_id, EVERY_EVENT) == 0)
        return caller_is_dev(call) || err_fail(err, LEVEL_TOO_LOW, "only devs publish all events");
    if (!command_enter(&command, event_id, err)) return false;
    bool owns = strcmp(command.game->god_id.text, call->caller->user_id) == 0;
    return owns || caller_is_dev(call) || err_fail(err, NOT_OWNER, "the event is someone else's");
}

static bool is_kind(const char *kind)
{
    size_t len = strlen(kind);
    for (size_t i = 0; i < len; i++)
        if (!isupper((unsigned char)kind[i]) && kind[i] != '_') return false;
    return len && len <= 32;
}

static bool check_webhook(const struct events *events, const Events__WebhookPlan *plan, struct err *err)
{
    struct outside_url url;
    if (!plan) return true;
    const char *fault = outside_url_parse(&url, plan->url, events->settings.push_loopback);
    if (fault) return err_field(err, INVALID_FIELD, "webhook.url", "url %s", fault);
    for (size_t i = 0; i < plan->n_kinds; i++)
        if (!is_kind(plan->kinds[i]))
            return err_field(err, INVALID_FIELD, "webhook.kinds", "kinds are those of entries: PHASE_OPENED");
    return true;
}

// done: the topic's place among its owner's.
static void put_topic(struct rpc_call *call, const Push__TopicRow *row, const Events__TopicReply *reply,
                      atomic_uint *place)
{
    struct events *events = call->service;
    const struct store_write *write = rpc_seal(call, &reply->base, quota_done, place);
    if (!call->arena->failed)
        rpc_after(call, store_put(events->store, topics, &row->base, 0, write));
    else
        quota_done(place, false); // the call is refused then, so it must not write
}

HANDLER(create_topic, Events__CreateTopicRequest, Events__TopicReply)
{
    struct events *events = call->service;
    Push__TopicRow row = PUSH__TOPIC_ROW__INIT;
    Push__WebhookHome home = PUSH__WEBHOOK_HOME__INIT;
    char event_id[UUID_LEN + 1];
    struct uuid id;
    atomic_uint *place;
    if (!topic_pattern_parse(request->pattern, event_id))
        return err_field(err, INVALID_FIELD, "pattern", "pattern is events.<id>.public or events.*.public");
    if (strncmp(request->name, TOPIC_OF_GROUP, sizeof TOPIC_OF_GROUP - 1) == 0)
        return err_field(err, INVALID_FIELD, "name",
                         "names that begin with " TOPIC_OF_GROUP " are of groups");
    if (!may_publish(call, event_id, err) || !check_webhook(events, request->webhook, err) ||
        !rpc_new_id(call, &id, err))
        return false;
    row.name = request->name;
    row.id = id.text;
    row.owner_id = call->caller->user_id;
    row.event_id = event_id;
    row.created_ms = call->now_ms;
    row.webhook = request->webhook ? &home : NULL;
    if (row.webhook) home.url = request->webhook->url;
    if (row.webhook) home.kinds = request->webhook->kinds, home.n_kinds = request->webhook->n_kinds;
    if (!(reply->topic = show_topic(call, &row, err))) return false;
    if (!quota_take(&events->quotas, events->store, &topics_of_owner_rule, row.owner_id, &place, err))
        return false;
    put_topic(call, &row, reply, place);
    return true;
}

// ---- Listing, ending

HANDLER(list_topics, Events__ListTopicsRequest, Events__ListTopicsReply)
{
    struct topic_rows found;
    if (!topics_of_owner(call->service, call->caller->user_id, call->arena, &found, err)) return false;
    reply->topics = arena_array(call->arena, found.count + 1, sizeof *reply->topics);
    if (!filled(reply->topics, err)) return false;
    for (size_t i = 0; i < found.count; i++) {
        if (!found.rows[i]) continue;
        if (!(reply->topics[reply->n_topics] = show_topic(call, found.rows[i], err))) return false;
        reply->n_topics++;
    }
    return true;
}

// Their own, or any of a dev's choice; to others there is none.
static bool own_topic(struct rpc_call *call, const char *name, Push__TopicRow **row, uint64_t *version,
                      struct err *err)
{
    if (!topic_find(call->service, name, call->arena, row, version, err)) return false;
    bool owns = *row && (strcmp((*row)->owner_id, call->caller->user_id) == 0 || caller_is_dev(call));
    return owns || err_fail(err, NOT_FOUND, "there is no such topic");
}

HANDLER(delete_topic, Events__TopicRequest, Google__Protobuf__Empty)
{
    struct events *events = call->service;
    Push__TopicRow *row;
    uint64_t version;
    if (!own_topic(call, request->name, &row, &version, err)) return false;
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed) return filled(NULL, err);
    rpc_after(call, topic_end(events, row, version, write));
    return true;
}

// ---- What could not be delivered

static bool find_dead(struct rpc_call *call, const Push__TopicRow *row, uint64_t after, uint32_t limit,
                      struct store_rows *rows, struct err *err)
{
    struct events *events = call->service;
    char from[UUID_LEN + 24], to[UUID_LEN + 24];
    dead_row_id(from, sizeof from, row->id, after + 1);
    dead_row_id(to, sizeof to, row->id, UINT64_MAX);
    const struct store_value first = {.text = arena_str(call->arena, from)},
                             last = {.text = arena_str(call->arena, to)};
    const struct store_query query = {.from = &first, .to = &last, .limit = limit, .page_token = ""};
    return store_find(events->store, dead_letters, &query, call->arena, rows, err);
}

static Events__DeadLetter *show_dead(const Push__DeadRow *dead, struct arena *arena)
{
    Events__DeadLetter *letter = arena_new(arena, Events__DeadLetter);
    if (!letter) return NULL;
    events__dead_letter__init(letter);
    letter->index = dead->index;
    letter->stream = dead->stream;
    letter->seq = dead->seq;
    letter->died_at = stamp_new(arena, dead->died_ms);
    letter->failures = dead->failures;
    letter->status = dead->status;
    letter->fault = dead->fault;
    letter->again = dead->again;
    return letter->died_at ? letter : NULL;
}

HANDLER(list_dead_letters, Events__ListDeadLettersRequest, Events__ListDeadLettersReply)
{
    Push__TopicRow *row;
    uint64_t version;
    struct store_rows rows;
    uint32_t most = request->page_size ? (uint32_t)request->page_size : DEAD_PAGE;
    if (!own_topic(call, request->name, &row, &version, err) ||
        !find_dead(call, row, request->after, most, &rows, err))
        return false;
    reply->letters = arena_array(call->arena, rows.count + 1, sizeof *reply->letters);
    if (!filled(reply->letters, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        if (!rows.messages[i]) continue;
        Events__DeadLetter *letter = show_dead((const Push__DeadRow *)rows.messages[i], call->arena);
        if (!filled(letter, err)) return false;
        reply->letters[reply->n_letters++] = letter;
    }
    reply->more = rows.more;
    return true;
}

static bool is_asked(const Events__RedeliverRequest *request, uint64_t index)
{
    for (size_t i = 0; i < request->n_indexes; i++)
        if (request->indexes[i] == index) return true;
    return !request->n_indexes;
}

// Rings when it is stored what is to be sent.
struct ringing {
    struct push *push;
    struct turn_of topic;
};

static void ring_stored(void *arg, bool durable)
{
    struct ringing *ringing = arg;
    if (durable) push_ring(ringing->push, &ringing->topic);
    free(ringing);
}

static bool ask_again(struct rpc_call *call, const Push__TopicRow *row, Push__DeadRow *dead, uint64_t version,
                      struct err *err)
{
    struct events *events = call->service;
    struct ringing *ringing = calloc(1, sizeof *ringing);
    if (!ringing) return err_fail(err, INTERNAL_ERROR, "out of memory");
    ringing->push = events->push;
    ringing->topic = turn_of_topic(events, row);
    dead->again = true;
    dead->next_ms = dead->first_ms = 0;
    const struct store_write write = {.done = ring_stored, .arg = ringing};
    rpc_after(call, store_put(events->store, dead_letters, &dead->base, version, &write));
    return true;
}

HANDLER(redeliver, Events__RedeliverRequest, Google__Protobuf__Empty)
{
    Push__TopicRow *row;
    uint64_t version;
    struct store_rows rows;
    if (!own_topic(call, request->name, &row, &version, err) ||
        !find_dead(call, row, 0, DEAD_MOST, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        Push__DeadRow *dead = (Push__DeadRow *)rows.messages[i];
        if (!dead || dead->again || !is_asked(request, dead->index)) continue;
        if (!ask_again(call, row, dead, rows.versions[i], err)) return false;
    }
    return true;
}

// ---- Keys

static bool show_key(const struct key *key, Events__WebhookKeys__Key *shown, struct arena *arena)
{
    uint8_t public_key[PUBLIC_KEY];
    char id[LETTER_KEY_ID];
    char x[sodium_base64_ENCODED_LEN(PUBLIC_KEY, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    events__webhook_keys__key__init(shown);
    signing_public(key->bytes, public_key);
    letter_key_id(public_key, id);
    sodium_bin2base64(x, sizeof x, public_key, sizeof public_key, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    shown->kty = "OKP";
    shown->crv = "Ed25519";
    shown->use = "sig";
    shown->alg = "EdDSA";
    shown->x = arena_str(arena, x);
    shown->kid = arena_str(arena, id);
    return shown->x && shown->kid;
}

HANDLER(get_webhook_keys, Events__WebhookKeysRequest, Events__WebhookKeys)
{
    struct events *events = call->service;
    AUTO_KEYS struct key_set set;
    keyring_get(events->keys, WEBHOOK_KEY, &set);
    reply->keys = arena_array(call->arena, set.count + 1, sizeof *reply->keys);
    if (!filled(reply->keys, err)) return false;
    for (size_t i = 0; i < set.count; i++) {
        Events__WebhookKeys__Key *shown = arena_new(call->arena, Events__WebhookKeys__Key);
        if (!shown || !show_key(&set.keys[i], shown, call->arena)) return filled(NULL, err);
        reply->keys[reply->n_keys++] = shown;
    }
    return true;
}

const struct rpc_method push_topic_methods[] = {
    RPC_METHOD("events.CreateTopic", create_topic),
    RPC_METHOD("events.ListTopics", list_topics),
    RPC_METHOD("events.DeleteTopic", delete_topic),
    RPC_METHOD("events.ListDeadLetters", list_dead_letters),
    RPC_METHOD("events.Redeliver", redeliver),
    RPC_METHOD("events.GetWebhookKeys", get_webhook_keys),
    {0},
};
