// Messages: sent, changed, taken back, reported.
#include <sodium.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/text/said.h"
#include "services/events/chat/erase.h"
#include "services/events/chat/mentions.h"
#include "services/events/chat/news.h"
#include "services/events/chat/show.h"
#include "services/events/chat/typing.h"
#include "services/events/chat/visit.h"
#include "services/events/chat/handlers/methods.h"
#include "services/events/chat/handlers/readers.h"

enum { WITH_ALL_TEXTS = 20 }; // messages of a page, so that it fits the longest reply
enum { TEXT_MOST = 2000, TEXT_BYTES = 4 * TEXT_MOST * 3 + 1, EDIT_MS = 10 * 60 * 1000 };

static bool reply_message(struct visit *visit, const struct said *said, Events__MessageReply *reply,
                          struct err *err)
{
    struct room_text part = room_part(&visit->room);
    const struct reader reader = reader_of(visit, &part);
    reply->message = show_message(&reader, said);
    return filled(reply->message, err);
}

static bool clean_text(struct rpc_call *call, const char *text, const char **clean, struct err *err)
{
    char *out = arena_alloc(call->arena, TEXT_BYTES);
    *clean = out;
    if (!out) return filled(NULL, err);
    const char *fault = text_say(out, TEXT_BYTES, TEXT_MOST, text);
    return !fault || err_field(err, INVALID_FIELD, "text", "text %s", fault);
}

// A message that the caller reads; to others there is none.
static bool find_message(const struct visit *visit, const char *message_id, struct said **said,
                         struct err *err)
{
    *said = talk_find(&visit->open->talk, message_id);
    bool seen = *said && (*said)->time_ms >= visit->right.since_ms &&
                (*said)->time_ms <= visit->now_ms - visit->right.behind_ms;
    return seen || err_fail(err, NOT_FOUND, "there is no such message");
}

static bool is_own(const struct visit *visit, const struct said *said)
{
    return strcmp(visit->open->talk.writers[said->writer].user_id.text, visit->viewer.user_id) == 0;
}

// ---- Sending

static bool was_sent(struct visit *visit, const struct said *said, const char *text,
                     Events__MessageReply *reply, struct err *err)
{
    uint8_t hash[TALK_HASH];
    talk_hash_text(text, hash);
    if (!said->first_erased && memcmp(hash, said->first_text, sizeof hash) != 0)
        return err_fail(err, CLIENT_ID_MISMATCH, "another text was sent with this client_id");
    reply->existing = true;
    return reply_message(visit, said, reply, err);
}

static bool is_paced(const struct visit *visit, struct err *err)
{
    const struct writer *writer = talk_writer(&visit->open->talk, visit->viewer.user_id);
    int64_t pace_ms = game_slow_s(visit->command.game, room_part(&visit->room).text) * INT64_C(1000);
    if (visit->right.moderates || !pace_ms || !writer || !writer->said) return true;
    int64_t left_ms = writer->last_ms + pace_ms - visit->now_ms;
    if (left_ms <= 0) return true;
    err_fail(err, SLOW_MODE, "the room is slow: wait before the next message");
    err_retry_after(err, left_ms);
    return false;
}

static bool check_answered(const struct visit *visit, const char *reply_to, struct err *err)
{
    struct said *said;
    if (!*reply_to) return true;
    return (find_message(visit, reply_to, &said, err) && !said->deleted_ms) ||
           err_field(err, INVALID_FIELD, "reply_to", "reply_to is no message of this room");
}

// Not from uuid_new: what follows another one of the same millisecond would tell that there was one
// elsewhere.
static struct uuid new_id(int64_t now_ms)
{
    uint8_t random[10];
    randombytes_buf(random, sizeof random);
    return uuid_make(now_ms, random);
}

static bool message_say(struct visit *visit, const Events__SendMessageRequest *request, const char *text,
                        Events__MessageReply *reply, struct err *err)
{
    const struct game *game = visit->command.game;
    struct uuid id = new_id(visit->now_ms);
    struct mentions mentions;
    ProtobufCBinaryData link;
    Chat__Entry entry = CHAT__ENTRY__INIT;
    Chat__Said said = CHAT__SAID__INIT;
    mentions_find(&mentions, visit->command.events->names, game, &visit->room, visit->now_ms, text);
    said.id = id.text;
    said.client_id = request->client_id;
    said.text = text;
    said.reply_to = request->reply_to;
    said.mentions = mentions.ids;
    said.n_mentions = mentions.count;
    said.phase = (int32_t)game->phases_count;
    said.phase_open = game_open_phase(game) != NULL;
    said.username = visit->command.call->caller->username;
    entry.body_case = CHAT__ENTRY__BODY_SAID;
    entry.said = &said;
    if (!visit_add(visit, &entry, &link, err)) return false;
    if (!reply_message(visit, talk_find(&visit->open->talk, id.text), reply, err))
        return room_spoil(visit->open), false;
    visit->after = room_news_begin(visit->open, talk_find(&visit->open->talk, id.text),
                                   visit->command.aggregate->live.ticket);
    if (!visit_commit(visit, &link, &reply->base, err)) return false;
    room_news_mention(visit->open, talk_find(&visit->open->talk, id.text), game->terms.title,
                      visit->command.call->arena);
    typing_end(visit->command.events->typing, request->room_id, visit->viewer.user_id);
    return true;
}

HANDLER(send_message, Events__SendMessageRequest, Events__MessageReply)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    const char *text;
    if (!visit_begin(&visit, request->room_id, VISIT_WRITES, err)) return false;
    if (!clean_text(call, request->text, &text, err)) return false;
    const struct said *sent = talk_find_sent(&visit.open->talk, call->caller->user_id, request->client_id);
    if (sent) return was_sent(&visit, sent, text, reply, err);
    return visit_may_write(&visit, err) && is_paced(&visit, err) &&
           check_answered(&visit, request->reply_to, err) && message_say(&visit, request, text, reply, err);
}

// ---- Changing

static bool has_revision(const struct rpc_call *call, const struct said *said, struct err *err)
{
    for (size_t i = 0; i < call->acts_count; i++)
        if (call->acts[i] == (uint64_t)said->revision) return true;
    return call->acts_count == 0 ||
           err_fail(err, PRECONDITION_FAILED, "the message has another revision than the request names");
}

// What was said in a phase stands when that is over.
static bool may_change(const struct visit *visit, const struct said *said, struct err *err)
{
    const struct game *game = visit->command.game;
    bool same_phase = game_open_phase(game) && said->phase == (int32_t)game->phases_count;
    if (said->phase_open && !same_phase)
        return err_fail(err, PHASE_OVER, "the phase in which this was said is over");
    return visit->now_ms - said->time_ms <= EDIT_MS ||
           err_fail(err, EDIT_TOO_LATE, "a message is changed within ten minutes");
}

static bool message_change(struct visit *visit, const struct said *said, const char *text,
                           Events__MessageReply *reply, struct err *err)
{
    struct mentions mentions;
    ProtobufCBinaryData link;
    Chat__Entry entry = CHAT__ENTRY__INIT;
    Chat__Edited edited = CHAT__EDITED__INIT;
    mentions_find(&mentions, visit->command.events->names, visit->command.game, &visit->room, visit->now_ms,
                  text);
    edited.id = said->id.text;
    edited.text = text;
    edited.revision = said->revision + 1;
    edited.mentions = mentions.ids;
    edited.n_mentions = mentions.count;
    entry.body_case = CHAT__ENTRY__BODY_EDITED;
    entry.edited = &edited;
    if (!visit_add(visit, &entry, &link, err)) return false;
    if (!reply_message(visit, said, reply, err)) return room_spoil(visit->open), false;
    return visit_commit(visit, &link, &reply->base, err);
}

HANDLER(update_message, Events__UpdateMessageRequest, Events__MessageReply)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    struct said *said;
    const char *text;
    if (!visit_begin(&visit, request->room_id, VISIT_WRITES, err) ||
        !find_message(&visit, request->message_id, &said, err))
        return false;
    if (!is_own(&visit, said)) return err_fail(err, NOT_OWNER, "this message is someone else's");
    if (said->deleted_ms) return err_fail(err, MESSAGE_DELETED, "the message was deleted");
    if (!clean_text(call, request->text, &text, err)) return false;
    if (said->newest.text && strcmp(said->newest.text, text) == 0)
        return reply_message(&visit, said, reply, err);
    return has_revision(call, said, err) && visit_may_write(&visit, err) && may_change(&visit, said, err) &&
           message_change(&visit, said, text, reply, err);
}

// ---- Taking back

static Chat__Deleted__By deleter_of(const struct visit *visit, const struct said *said)
{
    if (is_own(visit, said)) return CHAT__DELETED__BY__AUTHOR;
    return visit->viewer.dev ? CHAT__DELETED__BY__DEV : CHAT__DELETED__BY__GOD;
}

// A tombstone has its time: at night, in a room where they don't write, it would say whose phone is in use.
static bool may_take_back(const struct visit *visit, const struct said *said, struct err *err)
{
    if (!is_own(visit, said) && !visit->right.moderates)
        return err_fail(err, NOT_OWNER, "this message is someone else's");
    return said->deleted_ms || !visit->right.quiet || visit_may_write(visit, err);
}

HANDLER(delete_message, Events__MessageRequest, Google__Protobuf__Empty)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    struct said *said;
    ProtobufCBinaryData link;
    Chat__Entry entry = CHAT__ENTRY__INIT;
    Chat__Deleted deleted = CHAT__DELETED__INIT;
    if (!visit_begin(&visit, request->room_id, VISIT_WRITES, err) ||
        !find_message(&visit, request->message_id, &said, err))
        return false;
    if (!may_take_back(&visit, said, err)) return false;
    if (said->deleted_ms) return true;
    if (!has_revision(call, said, err)) return false;
    deleted.id = said->id.text;
    deleted.by = deleter_of(&visit, said);
    entry.body_case = CHAT__ENTRY__BODY_DELETED;
    entry.deleted = &deleted;
    return visit_add(&visit, &entry, &link, err) && visit_commit(&visit, &link, &reply->base, err);
}

// ---- Reporting

HANDLER(report_message, Events__ReportMessageRequest, Google__Protobuf__Empty)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    struct said *said;
    return visit_begin(&visit, request->room_id, VISIT_LEADS, err) &&
           find_message(&visit, request->message_id, &said, err) &&
           rules_report_message(visit.command.game, &visit.command.entries, room_part(&visit.room).text,
                                said->id.text, request->reason, err) &&
           command_commit(&visit.command, &reply->base, err);
}

// ---- Reading

// The messages that the caller may see, as places: from `first` up to but not with `end`.
struct span {
    size_t first, end;
};

static size_t least_of(size_t a, size_t b) { return a < b ? a : b; }

static struct span seen_span(const struct visit *visit)
{
    const struct talk *talk = &visit->open->talk;
    size_t end = talk_place(talk, visit_head(visit));
    size_t first = talk_place(talk, talk_head_at(talk, visit->right.since_ms - 1));
    return (struct span){least_of(first, end), end};
}

static size_t place_within(const struct talk *talk, uint64_t seq, struct span span)
{
    size_t place = talk_place(talk, seq);
    return place < span.first ? span.first : least_of(place, span.end);
}

static struct span page_span(const struct talk *talk, const Events__ListMessagesRequest *request,
                             struct span seen)
{
    size_t most = request->page_size ? (size_t)request->page_size : 50, at;
    if (request->all_texts) most = least_of(most, WITH_ALL_TEXTS);
    struct span page = seen;
    if (request->after) {
        page.first = place_within(talk, request->after, seen);
        page.end = page.first + least_of(most, seen.end - page.first);
        return page;
    }
    if (request->around) {
        at = place_within(talk, request->around, seen);
        page.end = at + least_of(most / 2, seen.end - at);
    } else if (request->before) {
        page.end = place_within(talk, request->before - 1, seen);
    }
    page.first = page.end - least_of(most, page.end - seen.first);
    if (request->around) page.end = page.first + least_of(most, seen.end - page.first);
    return page;
}

static bool check_page(const Events__ListMessagesRequest *request, struct err *err)
{
    int named = !!request->before + !!request->after + !!request->around;
    return named <= 1 || err_field(err, INVALID_FIELD, request->after ? "after" : "around",
                                   "only one of before, after and around is possible");
}

HANDLER(list_messages, Events__ListMessagesRequest, Events__ListMessagesReply)
{
    AUTO_VISIT struct visit visit = {.command = {.call = call}};
    if (!visit_begin(&visit, request->room_id, VISIT_READS, err) || !check_page(request, err)) return false;
    if (request->all_texts && !visit.right.moderates)
        return err_fail(err, NOT_OWNER, "only who leads the event reads what was replaced or deleted");
    const struct talk *talk = &visit.open->talk;
    struct room_text part = room_part(&visit.room);
    const struct reader reader = reader_of(&visit, &part);
    struct span seen = seen_span(&visit), page = page_span(talk, request, seen);
    reply->messages = arena_array(call->arena, page.end - page.first + 1, sizeof *reply->messages);
    if (!filled(reply->messages, err)) return false;
    for (size_t i = page.first; i < page.end; i++) {
        Events__Message *message = show_message(&reader, &talk->messages[i]);
        if (!filled(message, err)) return false;
        reply->messages[reply->n_messages++] = message;
        if (request->all_texts && !reader_add_texts(&reader, &talk->messages[i], message))
            return filled(NULL, err);
    }
    reply->more_before = page.first > seen.first;
    reply->more_after = page.end < seen.end;
    reply->head = visit_head(&visit);
    reader_tell_cursor(&visit);
    return true;
}

const struct rpc_method message_methods[] = {
    RPC_METHOD("events.SendMessage", send_message),     RPC_METHOD("events.UpdateMessage", update_message),
    RPC_METHOD("events.DeleteMessage", delete_message), RPC_METHOD("events.ReportMessage", report_message),
    RPC_METHOD("events.ListMessages", list_messages),   {0},
};
