// The generated tables (tools/schema prints them); only schema.c reads them. Message and method tables end
// with a NULL row.
#ifndef LIB_BASE_SCHEMA_TABLES_H
#define LIB_BASE_SCHEMA_TABLES_H

#include "lib/base/schema.h"

extern const struct schema_message schema_message_table[];
extern const struct schema_method schema_method_table[];
extern const struct schema_reason schema_reason_table[]; // by number; holes have a NULL name
extern const size_t schema_reason_table_size;

#endif
