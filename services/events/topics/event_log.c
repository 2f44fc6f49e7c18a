#include "services/events/topics/event_log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/game/checkpoint.h"
#include "services/events/live/signer.h"
#include "services/events/streams.h"

void event_log_choose(struct event_log_page *page, const struct command *command, const struct viewer *viewer,
                      uint64_t from, size_t limit)
{
    uint64_t until = atomic_load(&command->aggregate->durable_seq);
    if (limit > EVENT_LOG_MOST) limit = EVENT_LOG_MOST;
    page->open = game_over(command->game);
    page->count = log_index_find(&command->game->log, viewer, from, until, page->places, limit, &page->next);
}

static ProtobufCBinaryData event_log_kept(struct arena *arena, ProtobufCBinaryData bytes)
{
    void *copy = arena_copy(arena, bytes.data, bytes.len);
    return (ProtobufCBinaryData){copy ? bytes.len : 0, copy};
}

static bool fill_open(Events__LogEntry *entry, const Game__Link *link, struct arena *arena, struct err *err)
{
    const Game__Entry *body = game__entry__unpack(&arena->allocator, link->entry.len, link->entry.data);
    if (!body) return err_fail(err, CALL_TOO_LARGE, "the log entries need more memory than a call may use");
    entry->time = stamp_new(arena, body->time_ms);
    entry->kind = game_kind(body->body_case);
    entry->payload = event_log_kept(arena, link->entry);
    entry->salt = event_log_kept(arena, link->salt);
    return true;
}

static void fill_stub(Events__LogEntry *entry, const Game__Link *link, struct arena *arena)
{
    uint8_t leaf[HASH_CHAIN_HASH];
    hash_chain_leaf(leaf, link->salt.data, link->entry.data, link->entry.len);
    entry->kind = "SEALED";
    entry->leaf = event_log_kept(arena, (ProtobufCBinaryData){sizeof leaf, leaf});
}

bool event_log_hides(struct audience audience, const struct viewer *eyes, bool over)
{
    bool foreign = audience.kind == AUDIENCE_OWNER && audience.who != eyes->person;
    return audience_sealed(audience) || (foreign && !over);
}

Events__LogEntry *event_log_entry(const ProtobufCBinaryData *bytes, bool hidden, struct arena *arena,
                                  struct err *err)
{
    const Game__Link *link = game__link__unpack(&arena->allocator, bytes->len, bytes->data);
    Events__LogEntry *entry = arena_new(arena, Events__LogEntry);
    if (!link || !entry) {
        err_fail(err, CALL_TOO_LARGE, "the log entries need more memory than a call may use");
        return NULL;
    }
    if (link->salt.len != HASH_CHAIN_SALT) {
        err_fail(err, STORE_CORRUPT, "an entry without salt");
        return NULL;
    }
    events__log_entry__init(entry);
    if (hidden)
        fill_stub(entry, link, arena);
    else if (!fill_open(entry, link, arena, err))
        return NULL;
    return entry;
}

static bool make_entry(struct event_log_page *page, size_t i, const struct viewer *viewer,
                       const ProtobufCBinaryData *bytes, struct arena *arena, struct err *err)
{
    const struct log_place *place = &page->places[i];
    bool hidden = event_log_hides(place->audience, viewer, page->open);
    Events__LogEntry *entry = event_log_entry(bytes, hidden, arena, err);
    if (!entry) return false;
    entry->index = place->index;
    entry->seq = viewer->god || viewer->all ? place->seq : 0;
    page->entries[page->entries_count++] = entry;
    return true;
}

static size_t run_length(const struct event_log_page *page, size_t i)
{
    enum { AT_ONCE = 50 };
    size_t n = 1;
    while (n < AT_ONCE && i + n < page->count && page->places[i + n].seq == page->places[i].seq + n) n++;
    return n;
}

bool event_log_fetch(struct event_log_page *page, struct store *store, const char *event_id,
                     const struct viewer *viewer, struct arena *arena, struct err *err)
{
    struct stream_name stream = events_stream(event_id);
    size_t bytes = 0; // of shown entries alone: hidden ones must not show in where a page ends
    page->entries_count = 0;
    page->entries = arena_array(arena, page->count + 1, sizeof *page->entries);
    if (!page->entries)
        return err_fail(err, CALL_TOO_LARGE, "the log entries need more memory than a call may use");
    for (size_t i = 0; i < page->count && bytes < EVENT_LOG_MOST_BYTES; i = page->entries_count) {
        struct store_entries entries;
        size_t wanted = run_length(page, i);
        if (!store_read(store, stream.text, page->places[i].seq, wanted, arena, &entries, err)) return false;
        if (entries.count == 0) return err_fail(err, NOT_FOUND, "there is no such event");
        for (size_t n = 0; n < entries.count && n < wanted; n++) {
            if (!make_entry(page, i + n, viewer, &entries.entries[n], arena, err)) return false;
            bytes += entries.entries[n].len;
        }
    }
    if (page->entries_count < page->count) page->next = page->places[page->entries_count].index;
    return true;
}

static void use_signer(struct aggregate *aggregate, const struct signing *signing)
{
    if (aggregate->signer != signing->number) aggregate->signatures_count = 0;
    aggregate->signer = signing->number;
}

static const uint8_t *signature_of(struct command *command, size_t phase, const struct signing *signing)
{
    struct aggregate *aggregate = command->aggregate;
    while (aggregate->signatures_count <= phase) {
        uint8_t(*signature)[64] =
            array_add(&aggregate->signatures, &aggregate->signatures_count, sizeof *signature);
        uint8_t message[CHECKPOINT_MOST];
        if (!signature) return NULL;
        size_t n = aggregate->signatures_count;
        size_t len = checkpoint_message(message, aggregate->live.id.text, (uint32_t)n,
                                        command->game->phases[n - 1].hash);
        crypto_sign_detached(*signature, NULL, message, len, signing->secret);
    }
    return aggregate->signatures[phase];
}

static bool fill_signer(Events__LogReply *reply, const struct signing *signing, struct arena *arena)
{
    if (!signing->own) return true;
    reply->signer = arena_new(arena, Events__Signer);
    if (!reply->signer) return false;
    events__signer__init(reply->signer);
    reply->signer->public_key =
        event_log_kept(arena, (ProtobufCBinaryData){PUBLIC_KEY, (uint8_t *)signing->public_key});
    reply->signer->certificate =
        event_log_kept(arena, (ProtobufCBinaryData){KEY_CERTIFICATE, (uint8_t *)signing->certificate});
    return !arena->failed;
}

// Without a key that may sign, the signatures come later.
static bool fill_signatures(struct command *command, const struct signing *signing, Events__LogReply *reply)
{
    struct arena *arena = command->call->arena;
    use_signer(command->aggregate, signing);
    for (size_t i = 0; i < reply->n_checkpoints; i++) {
        const uint8_t *signature = signature_of(command, i, signing);
        if (!signature) return false;
        reply->checkpoints[i]->signature =
            event_log_kept(arena, (ProtobufCBinaryData){64, (uint8_t *)signature});
    }
    return !reply->n_checkpoints || fill_signer(reply, signing, arena);
}

// Phases closed by an entry that is on the disk. Their hashes reveal nothing of what they cover.
static bool fill_checkpoints(struct command *command, Events__LogReply *reply)
{
    struct arena *arena = command->call->arena;
    size_t closed = (size_t)game_closed_phases(command->game);
    reply->checkpoints = arena_array(arena, closed + 1, sizeof *reply->checkpoints);
    for (size_t i = 0; reply->checkpoints && i < closed; i++) {
        Events__Checkpoint *checkpoint = arena_new(arena, Events__Checkpoint);
        if (!checkpoint) return false;
        events__checkpoint__init(checkpoint);
        checkpoint->phase_number = (int32_t)i + 1;
        checkpoint->hash =
            event_log_kept(arena, (ProtobufCBinaryData){HASH_CHAIN_HASH, command->game->phases[i].hash});
        reply->checkpoints[reply->n_checkpoints++] = checkpoint;
    }
    return reply->checkpoints;
}

static bool sign_checkpoints(struct command *command, Events__LogReply *reply)
{
    struct signing signing;
    bool ok = fill_checkpoints(command, reply);
    if (ok && signer_get(command->events->signer, &signing)) ok = fill_signatures(command, &signing, reply);
    sodium_memzero(&signing, sizeof signing);
    return ok;
}

static void leave_early(struct command *command)
{
    command_end(command);
    command->aggregate = NULL;
}

// What the indexes depend on: who looks, and whether all is open. A person's place among all that came would
// tell how many waited for a seat and left.
static const char *event_log_epoch(const struct game *game, const struct viewer *viewer, bool open,
                                   struct arena *arena)
{
    if (open) return "open";
    if (viewer->all) return "whole";
    if (viewer->god) return "god";
    if (viewer->person == GAME_NO_ONE) return "public";
    return arena_printf(arena, "person-%s", game->people[viewer->person].user_id.text);
}

// An operator of no account has no place in a log: theirs is the whole chain.
static struct viewer event_log_eyes(const struct command *command, const struct watcher *watcher)
{
    struct viewer viewer = command->viewer;
    if (command->call->caller->user_id[0]) return watcher->eyes;
    viewer.all |= viewer.god && caller_is_dev(command->call);
    return viewer;
}

// Where its reader goes on: behind each entry, and behind the page.
static bool event_log_place(const struct command *command, const struct watcher *watcher,
                            Events__LogReply *reply)
{
    const Rpc__Caller *caller = command->call->caller;
    struct arena *arena = command->call->arena;
    char text[CURSOR_TEXT];
    if (!caller->user_id[0] && caller->level) return true;
    for (size_t i = 0; i < reply->n_entries; i++) {
        watcher_cursor(watcher, reply->entries[i]->index, text);
        reply->entries[i]->cursor = arena_str(arena, text);
    }
    watcher_cursor(watcher, reply->next - 1, command->call->cursor);
    reply->cursor = arena_str(arena, command->call->cursor);
    return !arena->failed;
}

bool event_log_read(struct command *command, const struct watcher *watcher, uint64_t from, size_t limit,
                    Events__LogReply *reply, struct err *err)
{
    struct arena *arena = command->call->arena;
    struct event_log_page *page = arena_new(arena, struct event_log_page);
    if (!filled(page, err)) return false;
    const struct viewer viewer = event_log_eyes(command, watcher);
    const char *event_id = command->aggregate->live.id.text;
    bool open = command->viewer.all;
    reply->leads = viewer.god;
    event_log_choose(page, command, &viewer, from, limit);
    reply->open = open;
    reply->epoch = event_log_epoch(&command->aggregate->game, &viewer, open, arena);
    if (!filled(reply->epoch, err)) return false;
    if (open)
        reply->head =
            event_log_kept(arena, (ProtobufCBinaryData){HASH_CHAIN_HASH, command->game->chain.head});
    bool ok = sign_checkpoints(command, reply);
    event_id = arena_str(arena, event_id);
    leave_early(command);
    if (!ok || !event_id) return filled(NULL, err);
    if (!event_log_fetch(page, command->events->store, event_id, &viewer, arena, err)) return false;
    reply->entries = page->entries;
    reply->n_entries = page->entries_count;
    reply->next = page->next;
    return event_log_place(command, watcher, reply) || filled(NULL, err);
}

static ProtobufCBinaryData event_log_packed(const Events__LogEntry *entry, struct arena *arena)
{
    size_t len = events__log_entry__get_packed_size(entry);
    uint8_t *bytes = arena_alloc(arena, len);
    if (bytes) events__log_entry__pack(entry, bytes);
    return (ProtobufCBinaryData){bytes ? len : 0, bytes};
}

static uint64_t event_log_head(const struct command *command, const struct viewer *viewer)
{
    struct log_place none;
    uint64_t next, until = atomic_load(&command->aggregate->durable_seq);
    log_index_find(&command->game->log, viewer, UINT64_MAX, until, &none, 1, &next);
    return next - 1;
}

// The god's stream numbers what the god saw during the game, also afterwards; the public one what everybody
// saw.
static struct viewer stream_viewer(bool public_only)
{
    return (struct viewer){.god = !public_only, .person = GAME_NO_ONE};
}

static bool fill_notice(Bus__Notice **notices, size_t i, Events__LogEntry *entry, bool public_only,
                        struct arena *arena)
{
    Bus__Notice *notice = notices[i] = arena_new(arena, Bus__Notice);
    if (!notice) return false;
    bus__notice__init(notice);
    if (public_only) entry->seq = 0;
    notice->seq = entry->index;
    notice->time = entry->time;
    notice->kind = entry->kind;
    notice->payload = event_log_packed(entry, arena);
    return notice->payload.data;
}

bool event_log_feed(struct command *command, bool public_only, uint64_t from, size_t limit,
                    struct feed_page *page, struct err *err)
{
    struct arena *arena = command->call->arena;
    struct event_log_page *chosen = arena_new(arena, struct event_log_page);
    if (!filled(chosen, err)) return false;
    const struct viewer viewer = stream_viewer(public_only);
    struct live_id event_id = command->aggregate->live.id;
    event_log_choose(chosen, command, &viewer, from, limit);
    page->head = event_log_head(command, &viewer);
    leave_early(command);
    if (!event_log_fetch(chosen, command->events->store, event_id.text, &viewer, arena, err)) return false;
    page->notices = arena_array(arena, chosen->entries_count + 1, sizeof *page->notices);
    if (!filled(page->notices, err)) return false;
    for (; page->count < chosen->entries_count; page->count++)
        if (!fill_notice(page->notices, page->count, chosen->entries[page->count], public_only, arena))
            return filled(NULL, err);
    return true;
}
