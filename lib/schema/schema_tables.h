// The generated tables (tools/schema prints them); only schema.c reads them. Message and method tables end
// with a NULL row.
#ifndef LIB_SCHEMA_SCHEMA_TABLES_H
#define LIB_SCHEMA_SCHEMA_TABLES_H

#include "lib/schema/schema.h"

extern const struct schema_message schema_message_table[];
extern const struct schema_packed schema_packed_table[];
extern const struct schema_links schema_link_table[];
extern const struct schema_method schema_method_table[];

#endif
