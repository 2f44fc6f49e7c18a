// Opening and closing what the events service owns, in the service and in tools that work on its files.
#include "services/events/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "services/events/chat/erase.h"
#include "services/events/chat/news.h"
#include "services/events/chat/rooms.h"
#include "services/events/chat/typing.h"
#include "services/events/live/aggregates.h"
#include "services/events/live/pictures.h"
#include "services/events/live/signer.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/edited.h"
#include "services/events/money/hear.h"
#include "services/events/names/groups.h"
#include "services/events/push/bells.h"
#include "services/events/push/browsers.h"
#include "services/events/push/letter.h"
#include "services/events/push/push.h"
#include "services/events/push/topic_rows.h"
#include "services/events/topics/notices.h"
#include "services/events/topics/peers.h"
#include "services/events/topics/projector.h"
#include "services/events/topics/told.h"
#include "services/events/topics/topics.h"
#include "services/events/live/timers.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

struct stream_name events_stream(const char *event_id)
{
    struct stream_name name;
    snprintf(name.text, sizeof name.text, EVENTS_PREFIX "%s", event_id);
    return name;
}

struct stream_name users_stream(const char *user_id)
{
    struct stream_name name;
    snprintf(name.text, sizeof name.text, "users.%s", user_id);
    return name;
}

static bool parse_reminders(struct reminders *reminders, const char *text, struct err *err)
{
    char copy[128], *rest = copy;
    int count = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word; (word = strsep(&rest, ","));) {
        int64_t ms;
        if (!*word) continue;
        bool ok = count < REMINDERS_MAX && config_duration(word, &ms) && ms >= 1000 && ms / 1000 <= INT32_MAX;
        if (!ok)
            return err_field(err, INVALID_FIELD, "CONSE_REMINDERS",
                             "CONSE_REMINDERS is at most %d durations like 1d,1h,10m", REMINDERS_MAX);
        reminders->before_s[count++] = (int32_t)(ms / 1000);
    }
    return true;
}

static bool has_events(struct events *events, struct arena *arena, bool *has, struct err *err)
{
    struct store_head *heads;
    size_t count;
    bool ok = store_heads(events->store, EVENTS_PREFIX, "", 1, arena, &heads, &count, err);
    *has = ok && count;
    return ok;
}

// With a master key checkpoints are signed with a key of our own.
static bool expect_keys(struct events *events, struct err *err)
{
    bool any;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    bool ok = has_events(events, &arena, &any, err);
    arena_finish(&arena);
    return ok && (!any || keyring_expect(events->keys, EVENTS_KEY_DEAL, "deals are sealed with it", err)) &&
           (!any || keyring_has_rows(events->keys) ||
            keyring_expect(events->keys, "identity", "checkpoints are signed with it", err));
}

static bool open_keys(struct events *events, const struct events_options *options, struct err *err)
{
    AUTO_KEYS struct key_set deal;
    AUTO_KEYS struct key_set webhook = {.count = 0};
    char folder[1024];
    snprintf(folder, sizeof folder, "%s/keys", options->data_dir);
    const struct keyring_options keys = {.service = "events",
                                         .folder = folder,
                                         .masters = options->master_keys,
                                         .store = events->store,
                                         .table = &events_tables[EVENTS_KEYS],
                                         .shared = store_is_shared(events->store)};
    return keyring_open(&events->keys, &keys, err) && expect_keys(events, err) &&
           keyring_load(events->keys, EVENTS_KEY_DEAL, &deal, err) &&
           keyring_load(events->keys, WEBHOOK_KEY, &webhook, err) &&
           signer_open(&events->signer, events->keys, err);
}

static bool open_vapid(struct events *events, struct err *err)
{
    events->vapid = calloc(1, sizeof *events->vapid);
    if (!events->vapid) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return vapid_open(events->vapid, events->keys, err);
}

// With an account goes what is kept for it.
static bool forget_user(void *events, const char *user_id, struct err *err)
{
    return told_forget(events, user_id, err) && topics_forget(events, user_id, err) &&
           browsers_forget(events, user_id, err);
}

static bool open_names(struct events *events, struct err *err)
{
    const struct names_options options = {.store = events->store,
                                          .table = &events_tables[EVENTS_NAMES],
                                          .consumed = &events_tables[EVENTS_CONSUMED]};
    if (!names_open(&events->names, &options, err)) return false;
    names_on_deletion(events->names, forget_user, events);
    return true;
}

static bool open_audit(struct events *events, const struct events_options *options, struct err *err)
{
    const struct audit_options audit = {.service = "events",
                                        .store = events->store,
                                        .tables = events_tables,
                                        .metrics = options->metrics,
                                        .files = !options->self};
    return audit_open(&events->audit, &audit, err);
}

bool events_open(struct events *events, const struct events_options *options, struct err *err)
{
    static const struct push_hooks push_hooks = {push_wake, bells_wake};
    *events =
        (struct events){.settings = *options->settings, .hooks = &topics_hooks, .push_hooks = &push_hooks};
    events->metrics = options->metrics;
    events->reminders.idle_ms = events->settings.idle_ms;
    quotas_init(&events->quotas);
    const struct store_options store = {.url = options->store_url,
                                        .tables = events_tables,
                                        .ballast = true,
                                        .self = options->self,
                                        .metrics = options->metrics};
    if (parse_reminders(&events->reminders, events->settings.reminders, err) &&
        store_open(&events->store, &store, err) && open_audit(events, options, err) &&
        open_keys(events, options, err) && edited_open(&events->edited, events, err) &&
        catalogue_open(&events->catalogue, events->store, events->audit, err) && open_names(events, err) &&
        group_names_open(&events->group_names, events->store, err) &&
        notices_open(&events->notices, events, err) && pictures_open(&events->pictures, events, err) &&
        aggregates_open(events, err) && rooms_open(events, err) && typing_open(&events->typing, err) &&
        push_open(&events->push, events, err) && bells_open(&events->bells, events, err) &&
        open_vapid(events, err))
        return true;
    events_close(events);
    return false;
}

// Without room it stays owed.
static bool collect_audit(struct events *events, struct err *err)
{
    return audit_collect(events->audit, err) || err_is(err, STORE_FULL);
}

bool events_start(struct events *events, struct err *err)
{
    return collect_audit(events, err) && keyring_follow(events->keys, err) &&
           replica_start(events->replica, err) && projector_start(&events->projector, events, err) &&
           timers_start(&events->timers, events, err) && pictures_start(events->pictures, err) &&
           eraser_start(&events->eraser, events, err) && room_news_start(&events->room_news, events, err) &&
           push_start(events->push, err) && bells_start(events->bells, err) &&
           edited_start(events->edited, err);
}

// The store's last commits still publish and still use their events.
void events_close(struct events *events)
{
    names_unfollow(events->names);
    payments_unfollow(events);
    events_peers_unfollow(events);
    edited_stop(events->edited);
    signer_unfollow(events->signer);
    keyring_unfollow(events->keys);
    push_stop(events->push);
    bells_stop(events->bells);
    eraser_stop(events->eraser);
    pictures_stop(events->pictures);
    timers_stop(events->timers);
    projector_stop(events->projector);
    room_news_rest(events->room_news);
    replica_close(events->replica);
    bus_publisher_leave(events->publisher);
    store_close(events->store);
    room_news_stop(events->room_news);
    projector_destroy(events->projector);
    push_close(events->push);
    bells_close(events->bells);
    if (events->vapid) vapid_close(events->vapid);
    free(events->vapid);
    notices_close(events->notices);
    pictures_close(events->pictures);
    bus_publisher_close(events->publisher);
    live_close(events->rooms);
    live_close(events->aggregates);
    typing_close(events->typing);
    names_close(events->names);
    group_names_close(events->group_names);
    catalogue_close(events->catalogue);
    quotas_finish(&events->quotas);
    signer_close(events->signer);
    keyring_close(events->keys);
    audit_close(events->audit);
}
