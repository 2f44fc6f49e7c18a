#include "lib/schema/schema.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "lib/schema/schema_tables.h"

enum { SLOTS = 1024 }; // open addressing; more than twice the number of types

static const struct schema_message *by_type[SLOTS];
static size_t methods_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static size_t slot_of(const ProtobufCMessageDescriptor *type)
{
    return ((uintptr_t)type >> 5) * 0x9E3779B97F4A7C15ULL >> 54;
}

static void index_tables(void)
{
    for (const struct schema_message *m = schema_message_table; m->type; m++) {
        size_t slot = slot_of(m->type);
        while (by_type[slot]) slot = (slot + 1) % SLOTS;
        by_type[slot] = m;
    }
    while (schema_method_table[methods_count].name) methods_count++;
}

const struct schema_message *schema_message(const ProtobufCMessageDescriptor *type)
{
    pthread_once(&once, index_tables);
    for (size_t slot = slot_of(type); by_type[slot]; slot = (slot + 1) % SLOTS)
        if (by_type[slot]->type == type) return by_type[slot];
    return NULL;
}

const struct schema_packed *schema_packed(const ProtobufCMessageDescriptor *type)
{
    for (const struct schema_packed *p = schema_packed_table; p->type; p++)
        if (p->type == type) return p;
    return NULL;
}

const struct schema_link *schema_links(const ProtobufCMessageDescriptor *type)
{
    for (const struct schema_links *l = schema_link_table; l->type; l++)
        if (l->type == type) return l->links;
    return NULL;
}

bool schema_reads(const struct schema_method *method)
{
    return method->class == CONSE__CLASS__READ || method->class == CONSE__CLASS__BULK || method->slow_read;
}

const struct schema_method *schema_methods(size_t *count)
{
    pthread_once(&once, index_tables);
    *count = methods_count;
    return schema_method_table;
}

const struct schema_method *schema_method(const char *name)
{
    for (const struct schema_method *m = schema_method_table; m->name; m++)
        if (strcmp(m->name, name) == 0) return m;
    return NULL;
}
