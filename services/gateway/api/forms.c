#include "services/gateway/api/forms.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT_BITS = 12 };

struct entry {
    struct form form;
    const ProtobufCMessageDescriptor *type;
    uint64_t hash;
    size_t len, bytes;           // of the payload; of all that is kept
    struct entry *next, **link;  // in its slot
    struct entry *newer, *older; // by use
    const void *payload;
    uint8_t own[];
};

struct forms {
    struct entry *slots[1 << SLOT_BITS];
    struct entry *newest, *oldest;
    uint64_t secret; // odd; spreads hashes over slots, so that nobody can aim at one
    size_t bytes, cap_bytes;
};

struct forms *forms_create(size_t cap_bytes)
{
    struct forms *forms = calloc(1, sizeof *forms);
    if (!forms) abort();
    randombytes_buf(&forms->secret, sizeof forms->secret);
    forms->secret |= 1;
    forms->cap_bytes = cap_bytes;
    return forms;
}

static struct entry *entry_of(struct form *form) { return (struct entry *)form; }

static struct entry **slot_of(struct forms *forms, uint64_t hash)
{
    return &forms->slots[(hash * forms->secret) >> (64 - SLOT_BITS)];
}

static void put_newest(struct forms *forms, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = forms->newest;
    *(forms->newest ? &forms->newest->newer : &forms->oldest) = entry;
    forms->newest = entry;
}

static void take_out(struct forms *forms, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &forms->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &forms->oldest) = entry->newer;
}

static void forget_oldest(struct forms *forms)
{
    struct entry *entry = forms->oldest;
    forms->oldest = entry->newer;
    *(entry->newer ? &entry->newer->older : &forms->newest) = NULL;
    *entry->link = entry->next;
    if (entry->next) entry->next->link = entry->link;
    forms->bytes -= entry->bytes;
    shared_drop(entry->form.text);
    shared_drop(entry->form.gzip);
    free(entry);
}

void forms_destroy(struct forms *forms)
{
    if (!forms) return;
    while (forms->oldest) forget_oldest(forms);
    free(forms);
}

struct form *forms_find(struct forms *forms, const struct forms_source *source)
{
    struct entry *entry = *slot_of(forms, source->hash);
    while (entry && !(entry->hash == source->hash && entry->type == source->type &&
                      entry->len == source->len && memcmp(entry->payload, source->payload, source->len) == 0))
        entry = entry->next;
    if (!entry) return NULL;
    if (entry != forms->newest) {
        take_out(forms, entry);
        put_newest(forms, entry);
    }
    return &entry->form;
}

// The newest stays, whatever its size.
static void make_room(struct forms *forms)
{
    while (forms->bytes > forms->cap_bytes && forms->oldest != forms->newest) forget_oldest(forms);
}

struct form *forms_keep(struct forms *forms, const struct forms_source *source, struct shared *text)
{
    size_t own = source->type ? source->len : 0;
    size_t bytes = sizeof(struct entry) + own + sizeof *text + text->len;
    if (source->len == 0 || bytes > FORMS_MOST_BYTES || bytes > forms->cap_bytes) return NULL;
    struct entry *entry = malloc(sizeof *entry + own);
    if (!entry) return NULL;
    struct entry **slot = slot_of(forms, source->hash);
    *entry = (struct entry){.form = {.text = shared_hold(text)},
                            .type = source->type,
                            .hash = source->hash,
                            .len = source->len,
                            .bytes = bytes,
                            .next = *slot,
                            .link = slot};
    entry->payload = own ? memcpy(entry->own, source->payload, own) : text->bytes;
    if (entry->next) entry->next->link = &entry->next;
    *slot = entry;
    put_newest(forms, entry);
    forms->bytes += bytes;
    make_room(forms);
    return &entry->form;
}

void forms_keep_gzip(struct forms *forms, struct form *form, struct shared *gzip)
{
    struct entry *entry = entry_of(form);
    form->gzip = shared_hold(gzip);
    entry->bytes += sizeof *gzip + gzip->len;
    forms->bytes += sizeof *gzip + gzip->len;
    make_room(forms);
}
