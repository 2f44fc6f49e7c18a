#include "services/chain/book/call.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "services/chain/book/lead.h"
#include "services/chain/book/seal.h"
#include "services/chain/news.h"
#include "services/chain/peers.h"

enum { FIRST_ROOM = 4, HEADS_ARENA = 64 << 20 };

struct commit {
    struct book *book;
    uint64_t last;
    size_t news_count;
    struct news_item news[];
};

bool book_filled(const void *part, struct err *err)
{
    return part || err_fail(err, CALL_TOO_LARGE, "the call needs more memory than it may use");
}

// ---- Entering

// What the finding, whatever it is, rests on.
static void take_finding(struct rpc_call *call, const struct live_need *need)
{
    rpc_decided_on(call, need->confirmed_ns);
    if (need->ticket) rpc_after(call, need->ticket);
    if (need->undone) rpc_park(call, need->undone);
    if (need->winner[0]) call->winner = arena_str(call->arena, need->winner);
}

static bool enter_book(struct book_call *b, struct live_need *need, int64_t now_ms, struct err *err)
{
    struct live_object *object;
    if (!live_enter(b->chain->books, BOOK_ID, need, &object, err)) return false;
    b->book = (struct book *)object;
    b->mono_ms = clock_mono_ms();
    b->now_ms = book_time(b->book, now_ms, b->mono_ms, replica_clock_ahead_ms(b->chain->replica));
    b->first = b->book->seq + 1;
    return true;
}

bool book_begin(struct book_call *b, struct err *err)
{
    struct rpc_call *call = b->call;
    struct live_need need = {.fresh_from_ns = call->fresh_from_ns,
                             .at_least = b->at_least,
                             .movable = call->movable && !schema_reads(call->method)};
    b->chain = call->service;
    b->arena = call->arena;
    if (!schema_reads(call->method) && !lead_may_write(b->chain, err)) return false;
    bool entered = enter_book(b, &need, call->now_ms, err) && lead_may_decide(b->book, &need, err);
    take_finding(call, &need);
    if (!entered || !store_is_shared(b->chain->store)) return entered; // a repetition was found before
    call->knows = live_knows;
    call->known_by = &b->book->live;
    return rpc_judge(call, true, err);
}

bool book_begin_own(struct book_call *b, int64_t now_ms, bool fresh, struct err *err)
{
    struct live_need need = {.fresh_from_ns = fresh ? clock_mono_ns() : 0};
    return enter_book(b, &need, now_ms, err);
}

// What was decided but not committed is undone by loading the ledger again.
void book_end(struct book_call *b)
{
    if (!b->book) return;
    if (b->book->committed_seq != b->book->seq) atomic_store(&b->book->live.failed, true);
    live_leave(b->chain->books, &b->book->live);
    b->book = NULL;
}

// ---- Entries

static bool keep_packed(struct book_call *b, const Ledger__Entry *entry)
{
    if (b->count == b->room) {
        size_t room = b->room ? b->room * 2 : FIRST_ROOM;
        ProtobufCBinaryData *entries = arena_array(b->arena, room, sizeof *entries);
        if (!entries) return false;
        if (b->count) memcpy(entries, b->entries, b->count * sizeof *entries);
        b->entries = entries;
        b->room = room;
    }
    size_t len = ledger__entry__get_packed_size(entry);
    uint8_t *bytes = arena_alloc(b->arena, len);
    if (!bytes) return false;
    b->entries[b->count++] = (ProtobufCBinaryData){ledger__entry__pack(entry, bytes), bytes};
    return true;
}

static bool fill_postings(struct book_call *b, Ledger__Entry *entry, const struct ledger_posting *postings,
                          size_t count)
{
    Ledger__Posting *made = arena_array(b->arena, count + 1, sizeof *made);
    entry->postings = arena_array(b->arena, count + 1, sizeof *entry->postings);
    if (b->arena->failed) return false;
    for (size_t i = 0; i < count; i++) {
        ledger__posting__init(&made[i]);
        made[i].account = postings[i].account;
        made[i].asset = postings[i].asset;
        made[i].amount = postings[i].amount;
        entry->postings[i] = &made[i];
    }
    entry->n_postings = count;
    return true;
}

static bool fill_before(struct book_call *b, Ledger__Entry *entry)
{
    uint32_t accounts[LEDGER_POSTINGS_MAX];
    size_t count = book_touched(entry, accounts);
    entry->before = arena_array(b->arena, count + 1, sizeof *entry->before);
    if (!entry->before) return false;
    for (size_t i = 0; i < count; i++) entry->before[i] = b->book->accounts.holdings[accounts[i]].touched;
    entry->n_before = count;
    return true;
}

static bool fill_entry(struct book_call *b, Ledger__Entry *entry, const struct ledger_posting *postings,
                       size_t count)
{
    entry->time_ms = b->now_ms;
    if (entry->body_case != LEDGER__ENTRY__BODY_SEALED) {
        entry->key = (ProtobufCBinaryData){LEDGER_KEY_BYTES, arena_alloc(b->arena, LEDGER_KEY_BYTES)};
        if (!entry->key.data) return false;
        randombytes_buf(entry->key.data, LEDGER_KEY_BYTES);
    }
    return fill_postings(b, entry, postings, count) && fill_before(b, entry);
}

// All members of the oneof are pointers in one place.
static void set_body(Ledger__Entry *entry, Ledger__Entry__BodyCase which, ProtobufCMessage *body)
{
    entry->body_case = which;
    entry->begun = (Ledger__Begun *)(void *)body;
}

// ---- What the market tells

static void note_told(struct book_call *b, bool book, uint32_t number)
{
    for (size_t i = b->told_count; i-- > 0;)
        if (b->told[i].book == book && b->told[i].number == number) return;
    if (b->told_count == b->told_room) {
        size_t room = b->told_room ? b->told_room * 2 : FIRST_ROOM;
        struct book_told *told = arena_array(b->arena, room, sizeof *told);
        if (!told) return; // nothing is committed without memory
        if (b->told_count) memcpy(told, b->told, b->told_count * sizeof *told);
        b->told = told;
        b->told_room = room;
    }
    b->told[b->told_count++] = (struct book_told){book, number};
}

static void note_market(struct book_call *b, const Ledger__Entry *entry)
{
    if (entry->body_case == LEDGER__ENTRY__BODY_ORDERED) {
        note_told(b, true, entry->ordered->asset);
        note_told(b, false, entry->ordered->account);
        for (size_t i = 0; i < entry->ordered->n_fills; i++)
            note_told(b, false, entry->ordered->fills[i]->account);
    }
    if (entry->body_case == LEDGER__ENTRY__BODY_WITHDRAWN) {
        note_told(b, true, entry->withdrawn->asset);
        for (size_t i = 0; i < entry->withdrawn->n_orders; i++)
            note_told(b, false, entry->withdrawn->orders[i]->account);
    }
}

static bool make_news(const struct book *book, const struct book_told *told, struct news_item *item)
{
    if (told->book) {
        const struct exchange_role *role = exchange_role(&book->exchange, told->number);
        snprintf(item->stream, sizeof item->stream, NEWS_BOOK "%s", uuid_text(role->role_id).text);
        item->number = role->told;
        return true;
    }
    const struct exchange_person *person = exchange_person(&book->exchange, told->number);
    const struct ledger_owner owner = ledger_owner_of(&book->accounts, told->number);
    if (!person || owner.kind != LEDGER_USER) return false;
    snprintf(item->stream, sizeof item->stream, NEWS_ORDERS "%s", uuid_text(owner.id).text);
    item->number = person->told;
    return true;
}

static bool tell_heads(struct book_call *b)
{
    const struct exchange *exchange = &b->book->exchange;
    for (uint32_t i = 0; i < exchange->roles_count; i++)
        if (exchange->roles[i].told) note_told(b, true, EXCHANGE_FIRST_ASSET + i);
    for (const struct exchange_person *person = NULL; (person = ledger_map_next(&exchange->people, person));)
        if (person->news) note_told(b, false, person->account); // since the snapshot
    struct news_item *items = arena_array(b->arena, b->told_count + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; items && i < b->told_count; i++)
        count += make_news(b->book, &b->told[i], &items[count]);
    if (items) chain_news_tell(b->chain, items, count);
    return items;
}

bool book_tell_heads(struct chain *chain, struct err *err)
{
    struct arena arena;
    arena_init(&arena, HEADS_ARENA);
    struct book_call b = {.chain = chain, .arena = &arena};
    bool ok = book_begin_own(&b, clock_unix_ms(), false, err) && book_filled(tell_heads(&b) ? &b : NULL, err);
    book_end(&b);
    arena_finish(&arena);
    return ok;
}

// ---- Adding

static void fold_in(struct book_call *b, Ledger__Entry *entry)
{
    struct err err = {0};
    bool ok = book_check(b->book, entry, &err);
    if (!ok) log_err(LOG_ERROR, "chain.decide", &err); // a defect; nothing of it is written
    b->failed = !ok || !keep_packed(b, entry);
    if (b->failed) return;
    if (store_is_shared(b->chain->store)) book_undo_note(b->book, entry, &b->entries[b->count - 1]);
    book_apply(b->book, entry);
    note_market(b, entry);
}

const Ledger__Entry *book_add(struct book_call *b, Ledger__Entry__BodyCase which, ProtobufCMessage *body,
                              const struct ledger_posting *postings, size_t count)
{
    Ledger__Entry *entry = arena_new(b->arena, Ledger__Entry);
    bool sealed = which == LEDGER__ENTRY__BODY_SEALED;
    if (!sealed && b->book->blocks.count == LEDGER_BLOCK_RECORDS_MAX) book_seal(b);
    b->failed |= !entry;
    if (b->failed) return NULL;
    ledger__entry__init(entry);
    set_body(entry, which, body);
    b->failed = !fill_entry(b, entry, postings, count);
    if (!b->failed) fold_in(b, entry);
    return b->failed ? NULL : entry;
}

uint32_t book_account(struct book_call *b, const struct ledger_owner *owner)
{
    Ledger__AccountOpened opened = LEDGER__ACCOUNT_OPENED__INIT;
    uint8_t salt[LEDGER_ACCOUNT_ID_BYTES];
    uint32_t number = ledger_accounts_find(&b->book->accounts, owner);
    if (number != LEDGER_NO_ACCOUNT || b->failed) return number;
    randombytes_buf(salt, sizeof salt);
    bool key = owner->kind == LEDGER_KEY;
    opened.kind = owner->kind;
    opened.id = (ProtobufCBinaryData){key ? sizeof owner->id : 16, (uint8_t *)owner->id};
    opened.salt = (ProtobufCBinaryData){key ? 0 : sizeof salt, salt};
    book_add(b, LEDGER__ENTRY__BODY_ACCOUNT_OPENED, &opened.base, NULL, 0);
    return ledger_accounts_find(&b->book->accounts, owner);
}

uint64_t book_memo(struct book_call *b, const char *text)
{
    Ledger__Memo memo = LEDGER__MEMO__INIT;
    if (!*text) return 0;
    memo.text = text;
    book_add(b, LEDGER__ENTRY__BODY_MEMO, &memo.base, NULL, 0);
    return b->book->seq;
}

void book_seal(struct book_call *b)
{
    Ledger__Sealed sealed = LEDGER__SEALED__INIT;
    uint8_t header[LEDGER_BLOCK_BYTES], signature[LEDGER_SIGNATURE_BYTES];
    struct err err = {0};
    if (b->failed || !b->book->blocks.count) return;
    sealed.header = (ProtobufCBinaryData){sizeof header, header};
    sealed.signature = (ProtobufCBinaryData){sizeof signature, signature};
    sealed.first = b->book->open_first;
    if (!seal_make(b->chain, b->book, b->now_ms, header, signature, &err)) {
        log_err(LOG_ERROR, "chain.seal", &err);
        b->failed = true;
        return;
    }
    book_add(b, LEDGER__ENTRY__BODY_SEALED, &sealed.base, NULL, 0);
}

// ---- Writing

static void book_done(void *arg, bool durable)
{
    struct commit *commit = arg;
    struct book *book = commit->book;
    if (durable) {
        atomic_store(&book->durable_seq, commit->last);
        chain_peers_tell(book->chain, commit->last);
        chain_news_tell(book->chain, commit->news, commit->news_count);
        atomic_store(&book->chain->news, true);
    }
    live_written(&book->live, durable);
    free(commit);
}

static bool book_queue(struct book_call *b, struct store_write *write, struct err *err)
{
    struct commit *commit = b->failed ? NULL : malloc(sizeof *commit + b->told_count * sizeof *commit->news);
    if (!commit) return book_filled(NULL, err);
    *commit = (struct commit){b->book, b->book->seq, 0};
    for (size_t i = 0; i < b->told_count; i++)
        commit->news_count += make_news(b->book, &b->told[i], &commit->news[commit->news_count]);
    write->done = book_done;
    write->arg = commit;
    live_append(&b->book->live, b->chain->store, BOOK_STREAM, b->first, b->entries, b->count, *write);
    b->book->committed_seq = b->book->seq;
    b->book->pace = (struct book_pace){b->now_ms, b->mono_ms};
    return true;
}

bool book_commit(struct book_call *b, const ProtobufCMessage *reply, struct err *err)
{
    struct store_write write = {.done = NULL};
    if (!b->count && !b->failed) return true;
    if (b->call) write = *rpc_seal(b->call, reply, book_done, NULL);
    if (b->act && !b->failed && !audit_attach(b->act, b->arena, &write.attached, err)) return false;
    if (b->arena->failed || !book_queue(b, &write, err)) return book_filled(NULL, err);
    if (b->call) rpc_after(b->call, b->book->live.ticket);
    return true;
}
